import { html } from "../preact.js";
import { t } from "../i18n.js";
import { textOfUnlock } from "./words.js";

/** The options with which a change is asked for; undefined where it is people who would have to change something. */
function optionsOfUnlock(unlock, options) {
  if (unlock.change === "count_if_needed") return { ...options, if_needed: "last_resort" };
  if (unlock.change === "shorter") return { ...options, duration_minutes: unlock.duration_minutes };
  return undefined;
}

/** What would give windows, or better ones; what can be tried at once has a button. */
export function UnlockList({ suggestions, names, zone, isWeekly, options, onOptions }) {
  const { unlocks, windows } = suggestions;
  if (unlocks.length === 0) return null;
  return html`<div class="unlocks">
    <h3>${t("windows.unlocksHeading")}</h3>
    <ul>${unlocks.map((unlock) => {
      const tried = optionsOfUnlock(unlock, options);
      return html`<li key=${`${unlock.change} ${unlock.people} ${unlock.start}`}>
        <span>${textOfUnlock(unlock, names, zone, { isWeekly, hasWindows: windows.length > 0 })}</span>
        ${tried && onOptions && html`<button type="button" onClick=${() => onOptions(tried)}>${t("windows.try")}</button>`}
      </li>`;
    })}</ul>
  </div>`;
}
