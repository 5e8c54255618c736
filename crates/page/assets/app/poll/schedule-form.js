import { html, useState } from "../preact.js";
import { t } from "../i18n.js";
import { textOfFailure } from "../faults.js";
import { levelsOfSchedule } from "./prefill.js";

/** Fills the answer in from the schedule of a stored person. `onFill` gets levels and hints. */
export function ScheduleForm({ layout, onFill }) {
  const [email, setEmail] = useState("");
  const [failure, setFailure] = useState("");
  const submit = async (event) => {
    event.preventDefault();
    try {
      onFill(await levelsOfSchedule(email.trim(), layout));
      setFailure("");
    } catch (problem) {
      setFailure(problem.status === 404 ? t("answer.unknownPerson") : textOfFailure(problem));
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
      </form>
    </details>`;
}
