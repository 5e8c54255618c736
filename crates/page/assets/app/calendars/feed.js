import { html, useEffect, useState } from "../preact.js";
import { browserZone, formatDate, t } from "../i18n.js";
import { announce } from "../announce.js";
import { askToConfirm, showToast } from "../dialogs.js";
import { LinkField } from "../link-field.js";
import { keepSetting, setting } from "../store.js";
import { textOfCalendarFailure } from "./failures.js";
import { createFeed, removeFeed } from "./requests.js";

/**
 * The secret addresses of a person's decided meetings and busy times. The platform tells them once, so this browser
 * remembers that they were made here, and nothing of them.
 */
export function FeedSection({ email }) {
  const [feed, setFeed] = useState(null);
  const [madeAt, setMadeAt] = useState(() => (setting("feed")?.email === email ? setting("feed").at : null));
  const remember = (at) => (keepSetting("feed", at ? { email, at } : undefined), setMadeAt(at));
  useEffect(() => {
    if (feed) document.getElementById("feed-link").focus();
  }, [feed]);
  const make = async () => {
    const question = { title: t("calendars.feed.renewTitle"), text: t("calendars.feed.renewText"), confirm: t("calendars.feed.renew") };
    if (madeAt && !(await askToConfirm(question))) return;
    try {
      setFeed(await createFeed(email));
      remember(Date.now());
      announce(t("calendars.feed.made"));
    } catch (failure) {
      showToast(textOfCalendarFailure(failure));
    }
  };
  const revoke = async () => {
    const question = { title: t("calendars.feed.revokeTitle"), text: t("calendars.feed.revokeText"), confirm: t("calendars.feed.revoke"), isDangerous: true };
    if (!(await askToConfirm(question))) return;
    try {
      await removeFeed(email);
    } catch (failure) {
      if (failure.status !== 404) return showToast(textOfCalendarFailure(failure));
    }
    setFeed(null);
    remember(null);
    showToast(t("calendars.feed.revoked"));
  };
  return html`<section class="card calendars-feed" aria-labelledby="feed-heading">
    <h2 id="feed-heading">${t("calendars.feed.heading")}</h2>
    <p>${t("calendars.feed.intro")}</p>
    ${feed && html`
      <${LinkField} id="feed-link" label=${t("calendars.feed.meetings")} link=${feed.url} hint=${t("calendars.feed.once")} isMain=${true} />
      <${LinkField} id="freebusy-link" label=${t("calendars.feed.freebusy")} link=${feed.freebusy_url} />`}
    ${madeAt && !feed && html`<p>${t("calendars.feed.madeBefore", { date: formatDate(madeAt, browserZone(), { dateStyle: "long" }) })}</p>`}
    <p class="soft">${t("calendars.feed.secret")}</p>
    <div class="row">
      <button type="button" class=${madeAt ? "" : "primary"} onClick=${make}>${t(madeAt ? "calendars.feed.renew" : "calendars.feed.make")}</button>
      <button type="button" class="danger" onClick=${revoke}>${t("calendars.feed.revoke")}</button>
    </div>
  </section>`;
}
