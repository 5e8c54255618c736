import { html } from "../preact.js";
import { t } from "../i18n.js";
import { askToConfirm, showToast } from "../dialogs.js";
import { textOfCalendarFailure } from "./failures.js";
import { removeCalendar } from "./requests.js";
import { amountsText, isGone, stateText } from "./words.js";

/** The calendars with what is known of them. `onRemoved` is called once one is gone. */
export function CalendarList({ email, calendars, onRemoved }) {
  if (calendars.length === 0) return html`<p class="card empty-state">${t("calendars.none")}</p>`;
  return html`<ul class="poll-list">${calendars.map((calendar) => html`<${CalendarRow} key=${calendar.name} calendar=${calendar}
    onRemove=${() => removeAfterAsking(email, calendar.name, onRemoved)} />`)}</ul>`;
}

function CalendarRow({ calendar, onRemove }) {
  const { name, state } = calendar;
  const shown = isGone(calendar) ? "gone" : state;
  // Of one that was never fetched nothing is known.
  const isKnown = state === "uploaded" || calendar.fetched_at;
  return html`<li class="card calendar-row">
    <div class="calendar-facts">
      <div class="row">
        <h3 dir="auto">${name}</h3>
        <span class=${`state calendar-${shown}`}>${t(`calendars.states.${shown}`)}</span>
      </div>
      <p class="soft">${t(state === "uploaded" ? "calendars.kinds.file" : "calendars.kinds.subscription")}${isKnown && ` · ${amountsText(calendar)}`}</p>
      <p class=${state === "failing" ? "field-error" : "soft"}>${stateText(calendar)}</p>
      ${state === "failing" && html`<p class="soft">${t(isKnown ? "calendars.stillCounts" : "calendars.triedAgain")}</p>`}
    </div>
    <button type="button" class="danger" aria-label=${`${t("calendars.remove")}: ${name}`} onClick=${onRemove}>${t("calendars.remove")}</button>
  </li>`;
}

async function removeAfterAsking(email, name, onRemoved) {
  const question = { title: t("calendars.removeTitle", { name }), text: t("calendars.removeText"), confirm: t("calendars.remove"), isDangerous: true };
  if (!(await askToConfirm(question))) return;
  try {
    await removeCalendar(email, name);
  } catch (failure) {
    // Gone already, as from another device.
    if (failure.status !== 404) return showToast(textOfCalendarFailure(failure));
  }
  onRemoved();
  showToast(t("calendars.removed", { name }));
}
