import { html, useEffect, useRef, useState } from "../preact.js";
import { browserZone, t } from "../i18n.js";
import { announce } from "../announce.js";
import { showToast } from "../dialogs.js";
import { keepSetting, setting } from "../store.js";
import { AddressForm } from "./address-form.js";
import { AddCalendar } from "./add-calendar.js";
import { CalendarList } from "./calendar-list.js";
import { textOfCalendarFailure } from "./failures.js";
import { FeedSection } from "./feed.js";
import { storePerson } from "./requests.js";
import { useCalendars } from "./use-calendars.js";
import { stateText } from "./words.js";

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
  const { calendars, failure, readAgain } = useCalendars(email, sayFetched);
  const heading = useRef();
  const focusHeading = () => heading.current.focus();
  useEffect(() => {
    if (takesFocus) focusHeading();
  }, []);
  const isUnknown = failure?.status === 404;
  return html`
    <section class="calendars-of" aria-labelledby="calendars-heading" aria-busy=${calendars || failure ? undefined : "true"}>
      <div class="row calendars-head">
        <h2 id="calendars-heading" tabindex="-1" ref=${heading}>${t("calendars.of")} <bdi>${email}</bdi></h2>
        <button type="button" onClick=${onLeave}>${t("calendars.otherAddress")}</button>
      </div>
      ${!calendars && !failure && html`<p class="card loading-block">${t("frame.loading")}</p>`}
      ${failure && !isUnknown && html`<div class="card" role="alert">
        <p>${textOfCalendarFailure(failure)}</p>
        <button type="button" onClick=${readAgain}>${t("poll.retry")}</button>
      </div>`}
      ${isUnknown && html`<${UnknownPerson} email=${email} onStored=${() => (focusHeading(), readAgain())} />`}
      ${calendars && !isUnknown && html`<${CalendarList} email=${email} calendars=${calendars} onRemoved=${() => (focusHeading(), readAgain())} />`}
    </section>
    ${calendars && !isUnknown && html`
      <${AddCalendar} email=${email} calendars=${calendars} onAdded=${readAgain} />
      <${FeedSection} email=${email} />`}`;
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
