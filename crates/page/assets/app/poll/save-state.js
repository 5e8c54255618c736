import { html } from "../preact.js";
import { t } from "../i18n.js";
import { textOfFailure } from "../faults.js";

const MARKS = { saved: "✓", saving: "…", unsaved: "…", waiting: "⟳", conflict: "!", refused: "!", unanswered: "" };

/** Says whether the answer is stored; of a conflict it asks which of the two shall stay. */
export function SaveState({ state, failure, onKeepOurs, onTakeTheirs, onRetry }) {
  const detail = state === "refused" ? textOfFailure(failure) : "";
  return html`
    <div class=${`save-state save-${state}`} role=${state === "conflict" || state === "refused" ? "alert" : "status"}>
      <span aria-hidden="true">${MARKS[state]}</span> ${t(`save.${state}`)} ${detail}
      ${state === "waiting" && html`<button type="button" onClick=${onRetry}>${t("save.retry")}</button>`}
      ${state === "conflict" && html`
        <span class="row">
          <button type="button" onClick=${onKeepOurs}>${t("save.keepOurs")}</button>
          <button type="button" onClick=${onTakeTheirs}>${t("save.takeTheirs")}</button>
        </span>`}
    </div>`;
}
