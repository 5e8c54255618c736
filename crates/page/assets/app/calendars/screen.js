import { html, useEffect, useRef, useState } from "../preact.js";
import { SignInByMail } from "../account/sign-in-by-mail.js";
import { browserZone, t } from "../i18n.js";
import { announce } from "../announce.js";
import { showToast } from "../dialogs.js";
import { followLink } from "../navigate.js";
import { keepSetting, setting } from "../store.js";
import { AddressForm } from "./address-form.js";
import { AddCalendar } from "./add-calendar.js";
import { CalendarList } from "./calendar-list.js";
import { textOfCalendarFailure } from "./failures.js";
import { FeedSection } from "./feed.js";
import { storePerson } from "./requests.js";
import { useCalendars } from "./use-calendars.js";
import { stateText } from "./words.js";

/** What is said in other ways than that something failed: nobody is signed in, somebody else is, nothing is kept yet. */
const REFUSALS = [401, 403, 404];

/** By which calendars a person is busy, and the feed of their meetings. Their address is remembered in this browser. */
export function CalendarsScreen() {
  const [email, setEmail] = useState(() => setting("calendarsOf") ?? "");
  const hasChosen = useRef(false);
  useEffect(() => {
    document.title = `${t("calendars.heading")} – W2Meet`;
  }, []);
  const choose = (chosen) => {
    hasChosen.current = true;
    keepSetting("calendarsOf", chosen || undefined);
    setEmail(chosen);
  };
  return html`<div class="calendars-screen">
    <div>
      <h1>${t("calendars.heading")}</h1>
      <p class="soft">${t("calendars.intro")}</p>
    </div>
    ${email
      ? html`<${CalendarsOf} key=${email} email=${email} takesFocus=${hasChosen.current} onLeave=${() => choose("")} />`
      : html`<${AddressForm} takesFocus=${hasChosen.current} onChosen=${choose} />`}
  </div>`;
}

function CalendarsOf({ email, takesFocus, onLeave }) {
  const sayFetched = (calendar) => announce(`${calendar.name}: ${stateText(calendar)}`);
  const { calendars, refusal, failure, readAgain } = useCalendars(email, sayFetched);
  const heading = useRef();
  const focusHeading = () => heading.current.focus();
  useEffect(() => {
    if (takesFocus) focusHeading();
  }, []);
  useEffect(() => {
    if (refusal === 401) announce(t("account.ownersOnly"));
  }, [refusal]);
  const isFailing = failure && !REFUSALS.includes(failure.status);
  const lookAgain = async () => {
    await readAgain();
    // What somebody has used is gone once they are signed in.
    if (document.activeElement === document.body) focusHeading();
  };
  return html`
    <section class="calendars-of" aria-labelledby="calendars-heading" aria-busy=${calendars || failure ? undefined : "true"}>
      <div class="row calendars-head">
        <h2 id="calendars-heading" tabindex="-1" ref=${heading}>${t("calendars.of")} <bdi>${email}</bdi></h2>
        <button type="button" onClick=${onLeave}>${t("calendars.otherAddress")}</button>
      </div>
      ${!calendars && !failure && html`<p class="card loading-block">${t("frame.loading")}</p>`}
      ${isFailing && html`<div class="card" role="alert">
        <p>${textOfCalendarFailure(failure)}</p>
        <button type="button" onClick=${readAgain}>${t("poll.retry")}</button>
      </div>`}
      ${refusal === 401 && html`<p class="card">${t("account.ownersOnly")}</p><${SignInByMail} email=${email} isFixed=${true} onLook=${lookAgain} />`}
      ${refusal === 403 && html`<${SomebodyElse} onLook=${lookAgain} />`}
      ${refusal === 404 && html`<${UnknownPerson} email=${email} onStored=${() => (focusHeading(), readAgain())} />`}
      ${calendars && html`<${CalendarList} email=${email} calendars=${calendars} onRemoved=${() => (focusHeading(), readAgain())} />`}
    </section>
    ${calendars && html`
      <${AddCalendar} email=${email} calendars=${calendars} onAdded=${readAgain} />
      <${FeedSection} email=${email} />`}`;
}

/** Says that whoever is signed in has another address. */
function SomebodyElse({ onLook }) {
  return html`<div class="card" role="alert">
    <p>${t("account.somebodyElse")}</p>
    <div class="row">
      <a class="button primary" href="/account" onClick=${followLink}>${t("frame.account")}</a>
      <button type="button" onClick=${onLook}>${t("poll.retry")}</button>
    </div>
  </div>`;
}

/** Offers to begin with an address under which nothing is kept yet. */
function UnknownPerson({ email, onStored }) {
  const [isSending, setIsSending] = useState(false);
  const store = async () => {
    if (isSending) return;
    setIsSending(true);
    try {
      await storePerson(email, browserZone());
      onStored();
    } catch (failure) {
      // Somebody else has just begun with it.
      if (failure.status === 409) return onStored();
      showToast(textOfCalendarFailure(failure));
      setIsSending(false);
    }
  };
  return html`<div class="card">
    <p>${t("calendars.unknown")}</p>
    <p class="soft">${t("calendars.startHint")}</p>
    <button type="button" class="primary" aria-disabled=${isSending ? "true" : undefined} onClick=${store}>${t("calendars.start")}</button>
  </div>`;
}
