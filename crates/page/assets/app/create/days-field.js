import { html } from "../preact.js";
import { firstWeekday, formatWeekday, t } from "../i18n.js";
import { addDays, todayIn, weekStart, weekdayOf, workingWeekdays } from "./date-math.js";
import { WEEKDAY_NAMES } from "../wall-time.js";
import { MonthCalendar } from "./month-calendar.js";

/** The days that are picked with one press. */
function quickDates(today) {
  const working = workingWeekdays();
  const upcoming = Array.from({ length: 14 }, (_, index) => addDays(today, index + 1));
  const week = addDays(weekStart(today, firstWeekday()), 7);
  const choices = {
    workdays: upcoming.filter((date) => working.includes(weekdayOf(date))).slice(0, 5),
    sevenDays: upcoming.slice(0, 7),
    nextWeek: Array.from({ length: 7 }, (_, index) => addDays(week, index)).filter((date) => working.includes(weekdayOf(date))),
  };
  // At the end of a week some are the same.
  const entries = Object.entries(choices);
  return entries.filter(([, dates], index) => entries.findIndex(([, other]) => other.join() === dates.join()) === index);
}

function WeekdayButtons({ days, onChange }) {
  const order = Array.from({ length: 7 }, (_, index) => (firstWeekday() + index) % 7);
  const toggle = (name) =>
    onChange(WEEKDAY_NAMES.filter((other) => (other === name ? !days.includes(name) : days.includes(other))));
  return html`<div class="weekday-buttons">${order.map((day) => html`<button type="button" key=${day}
    aria-pressed=${String(days.includes(WEEKDAY_NAMES[day]))} onClick=${() => toggle(WEEKDAY_NAMES[day])}
    ><span aria-hidden="true">${formatWeekday(day, "short")}</span><span class="visually-hidden">${formatWeekday(day)}</span></button>`)}</div>`;
}

/**
 * The days that a poll asks about: dates, or days of every week.
 * @param {{draft: import("./draft.js").PollDraft, onChange: (change: object) => void, error?: string, isKindFixed?: boolean}} props
 */
export function DaysField({ draft, onChange, error, isKindFixed }) {
  const today = todayIn(draft.zone);
  const kindChoice = (kind) => html`<label class=${draft.kind === kind ? "chosen" : ""}>
    <input type="radio" name="kind" value=${kind} checked=${draft.kind === kind} onChange=${() => onChange({ kind })} />
    ${t(`create.kinds.${kind}`)}</label>`;
  return html`<fieldset class="days-field" aria-describedby=${error ? "days-error" : undefined}>
    <legend>${t("create.days")}</legend>
    ${!isKindFixed && html`<div class="segments">${kindChoice("dates")}${kindChoice("weekly")}</div>`}
    ${draft.kind === "weekly"
      ? html`<p class="field-hint">${t("create.weeklyHint")}</p>
        <${WeekdayButtons} days=${draft.days} onChange=${(days) => onChange({ days })} />`
      : html`<div class="quick-dates">${quickDates(today).map(([name, dates]) => html`<button type="button" key=${name}
          class="chip" aria-pressed=${String(draft.dates.join() === dates.join())}
          onClick=${() => onChange({ dates })}>${t(`create.quick.${name}`)}</button>`)}</div>
        <${MonthCalendar} key=${draft.zone} dates=${draft.dates} onChange=${(dates) => onChange({ dates })} today=${today}
          label=${t("create.days")} describedBy="days-hint" />
        <div class="calendar-foot">
          <p class="field-hint" id="days-hint">${draft.dates.length ? t("calendar.picked", { n: draft.dates.length }) : t("calendar.hint")}</p>
          ${draft.dates.length > 0 && html`<button type="button" class="plain" onClick=${() => onChange({ dates: [] })}>${t("calendar.clear")}</button>`}
        </div>`}
    ${error && html`<p class="field-error" id="days-error">${error}</p>`}
  </fieldset>`;
}
