import { html, useState } from "../preact.js";
import { t } from "../i18n.js";
import { isOpenToAll } from "../access.js";
import { textOfFailure } from "../faults.js";
import { followLink } from "../navigate.js";
import { setting } from "../store.js";
import { levelsOfSchedule } from "./prefill.js";

/** By status: why a schedule is not given. */
const REFUSED_SCHEDULES = { 401: "account.ownersOnly", 403: "account.somebodyElse", 404: "answer.unknownPerson" };

/**
 * Fills the answer in from the schedule of a stored person.
 * @param {{layout: object, onFill: (filled: {levels: Uint8Array, hints: Uint8Array|null, isOwn: boolean}) => Promise<void>}} props
 *   `isOwn`: it is the address with which somebody took part in this browser
 */
export function ScheduleForm({ layout, onFill }) {
  const own = setting("email") ?? "";
  const [email, setEmail] = useState(own || (setting("calendarsOf") ?? ""));
  const [failure, setFailure] = useState("");
  const submit = async (event) => {
    event.preventDefault();
    try {
      const given = email.trim();
      const isOwn = given.toLowerCase() === own.toLowerCase();
      await onFill({ ...(await levelsOfSchedule(given, layout)), isOwn });
      setFailure("");
    } catch (problem) {
      setFailure(problem.status in REFUSED_SCHEDULES ? t(REFUSED_SCHEDULES[problem.status]) : textOfFailure(problem));
    }
  };
  return html`
    <details class="no-print">
      <summary>${t("answer.fromSchedule")}</summary>
      <form class="field" onSubmit=${submit}>
        <label for="schedule-email">${t("answer.email")}</label>
        <div class="row">
          <input id="schedule-email" type="email" required autocomplete="email" value=${email} aria-describedby="schedule-hint"
            onInput=${(event) => setEmail(event.target.value)} />
          <button>${t("answer.fillIn")}</button>
        </div>
        ${failure && html`<p class="field-error" role="alert">${failure}</p>`}
        <p id="schedule-hint" class="field-hint">${t("answer.fromScheduleHint")}</p>
        <p class="row">
          <a href="/calendars" onClick=${followLink}>${t("frame.myCalendars")}</a>
          ${!isOpenToAll() && html`<a href="/account" onClick=${followLink}>${t("frame.account")}</a>`}
        </p>
      </form>
    </details>`;
}
