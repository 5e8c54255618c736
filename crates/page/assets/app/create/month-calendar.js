import { html, useEffect, useLayoutEffect, useRef, useState } from "../preact.js";
import { direction, firstWeekday, formatDate, formatNumber, formatWeekday, t } from "../i18n.js";
import { announce } from "../announce.js";
import { MOST_DAYS, addDays, addMonths, addMonthsToDate, datesBetween, daysBetween, weekStart } from "./date-math.js";

const CALENDAR_WEEKS = 6;
const MONTH = { month: "long", year: "numeric" };
const FULL_DATE = { weekday: "long", day: "numeric", month: "long", year: "numeric" };

/** The first month that shows all days from today on: at the end of a month that is the next one. */
function earliestMonth(today, first) {
  const next = addMonths(today.slice(0, 7), 1);
  return weekStart(`${next}-01`, first) <= today ? next : today.slice(0, 7);
}

/** The dates of the rectangle that two dates span in a month as it is shown. */
function datesOfRectangle(shown, one, other) {
  const places = [one, other].map((date) => shown.indexOf(date));
  const rows = places.map((place) => Math.floor(place / 7));
  const columns = places.map((place) => place % 7);
  return shown.filter((_, place) => {
    const [row, column] = [Math.floor(place / 7), place % 7];
    return row >= Math.min(...rows) && row <= Math.max(...rows) && column >= Math.min(...columns) && column <= Math.max(...columns);
  });
}

/**
 * A month of which dates are picked: one by one, as a rectangle by dragging, up to a date with Shift; the keys are those
 * of the grid pattern. Days before `today` cannot be picked, but taken away if they are.
 * @param {{dates: string[], onChange: (dates: string[]) => void, today: string, label: string, describedBy?: string}} props
 */
export function MonthCalendar({ dates, onChange, today, label, describedBy }) {
  const first = firstWeekday();
  const earliest = earliestMonth(today, first);
  const [focused, setFocused] = useState(dates.find((date) => date >= today) ?? today);
  const [month, setMonth] = useState(focused.slice(0, 7) < earliest ? earliest : focused.slice(0, 7));
  const [drag, setDrag] = useState(null);
  const [isTooLong, setIsTooLong] = useState(false);
  // Where a range starts, and what was picked before it: a range that is made shorter again leaves nothing behind.
  const anchor = useRef({ date: focused, base: dates });
  const takesFocus = useRef(false);
  const table = useRef();

  // Of the current month the weeks that have passed are left out.
  const starts = [`${month}-01`, dates[0] < today ? dates[0] : today].map((date) => weekStart(date, first));
  const isTrimmed = month === today.slice(0, 7) && starts[1] > starts[0];
  const start = starts[Number(isTrimmed)];
  const inMonth = isTrimmed ? [month, addMonths(month, 1)] : [month];
  const shown = Array.from({ length: CALENDAR_WEEKS * 7 }, (_, index) => addDays(start, index));
  const picked = new Set(dates);
  const isFixed = (date) => date < today && !picked.has(date);
  const dragged = new Set(drag ? datesOfRectangle(shown, drag.from, drag.to).filter((date) => !isFixed(date)) : []);
  const tabStop = shown.includes(focused) ? focused : shown.find((date) => date >= `${month}-01`);

  useLayoutEffect(() => {
    if (takesFocus.current) table.current.querySelector(`[data-date="${focused}"]`)?.focus();
    takesFocus.current = false;
  }, [focused, month]);

  // A drag ends wherever the pointer is let go, and is taken back with Esc.
  useEffect(() => {
    if (!drag) return;
    const cancel = (event) => event.key === "Escape" && (event.preventDefault(), setDrag(null));
    addEventListener("keydown", cancel);
    return () => removeEventListener("keydown", cancel);
  }, [drag]);

  // Gives what is picked then, which is what it was where that would be too long.
  const change = (changed, adds, base = dates) => {
    const next = new Set(base);
    changed.filter((date) => !isFixed(date)).forEach((date) => (adds ? next.add(date) : next.delete(date)));
    const sorted = [...next].sort();
    const tooLong = sorted.length > 0 && daysBetween(sorted[0], sorted.at(-1)) >= MOST_DAYS;
    setIsTooLong(tooLong);
    if (tooLong) {
      announce(t("calendar.tooLong"));
      return dates;
    }
    if (sorted.join() !== dates.join()) {
      onChange(sorted);
      announce(t("calendar.picked", { n: sorted.length }));
    }
    return sorted;
  };
  const toggle = (date) => (anchor.current = { date, base: change([date], !picked.has(date)) });
  const extendTo = (date) => change(datesBetween(anchor.current.date, date), true, anchor.current.base);
  const showMonth = (next) => {
    setMonth(next);
    announce(formatDate(`${next}-01`, null, MONTH));
  };
  const moveTo = (date, extends_) => {
    if (date < today && !shown.includes(date)) return;
    takesFocus.current = true;
    setFocused(date);
    if (date.slice(0, 7) !== month && !shown.includes(date)) setMonth(date.slice(0, 7));
    if (extends_) extendTo(date);
    else anchor.current = { date, base: dates };
  };

  const onKeyDown = (event) => {
    const date = event.target.dataset.date;
    if (!date || event.ctrlKey || event.metaKey || event.altKey) return;
    const forward = direction() === "rtl" ? -1 : 1;
    const week = weekStart(date, first);
    const targets = {
      ArrowRight: () => addDays(date, forward), ArrowLeft: () => addDays(date, -forward),
      ArrowDown: () => addDays(date, 7), ArrowUp: () => addDays(date, -7),
      Home: () => week, End: () => addDays(week, 6),
      PageDown: () => addMonthsToDate(date, 1), PageUp: () => addMonthsToDate(date, -1),
    };
    if (event.key in targets) moveTo(targets[event.key](), event.shiftKey);
    else if (event.key === " " && event.shiftKey) extendTo(date);
    else if (event.key === " " || event.key === "Enter") toggle(date);
    else return;
    event.preventDefault();
  };
  const dateUnder = (event) => document.elementFromPoint(event.clientX, event.clientY)?.closest("[data-date]")?.dataset.date;
  const onPointerDown = (event) => {
    const date = event.target.closest("[data-date]")?.dataset.date;
    if (!date || event.button !== 0 || isFixed(date)) return;
    setFocused(date);
    if (event.shiftKey) return extendTo(date);
    table.current.setPointerCapture(event.pointerId);
    setDrag({ from: date, to: date, adds: !picked.has(date) });
  };
  const onPointerMove = (event) => {
    const date = drag && dateUnder(event);
    if (date && date !== drag.to && shown.includes(date)) setDrag({ ...drag, to: date });
  };
  const onPointerUp = () => {
    if (drag) anchor.current = { date: drag.from, base: change([...dragged], drag.adds) };
    setDrag(null);
  };
  // Screen readers press without a pointer.
  const onClick = (event) => {
    const date = event.target.closest("[data-date]")?.dataset.date;
    if (date && event.detail === 0 && event.pointerType !== "mouse" && !isFixed(date)) toggle(date);
  };

  const cell = (date) => {
    const isPicked = dragged.has(date) ? drag.adds : picked.has(date);
    const kinds = [!inMonth.includes(date.slice(0, 7)) && "other-month", isPicked && "picked", date === today && "today"];
    return html`<td key=${date} role="gridcell" data-date=${date} class=${kinds.filter(Boolean).join(" ")}
      tabindex=${date === tabStop ? 0 : -1} aria-selected=${String(isPicked)} aria-disabled=${isFixed(date) ? "true" : undefined}
      aria-current=${date === today ? "date" : undefined}
      ><span class="visually-hidden">${formatDate(date, null, FULL_DATE)}</span><span aria-hidden="true">${date.endsWith("-01") && html`<small>${formatDate(date, null, { month: "short" })}</small>`}
      ${formatNumber(Number(date.slice(8)))}</span></td>`;
  };
  const weekdays = Array.from({ length: 7 }, (_, index) => (first + index) % 7);
  return html`<div class="calendar">
    <div class="calendar-head">
      <button type="button" class="plain" aria-label=${t("calendar.previous")} disabled=${month <= earliest && !(dates[0] < `${month}-01`)}
        onClick=${() => showMonth(addMonths(month, -1))}><span class="chevron-start" aria-hidden="true"></span></button>
      <strong>${inMonth.map((part) => formatDate(`${part}-01`, null, MONTH)).join(" – ")}</strong>
      <button type="button" class="plain" aria-label=${t("calendar.next")}
        onClick=${() => showMonth(addMonths(month, 1))}><span class="chevron-end" aria-hidden="true"></span></button>
    </div>
    <table role="grid" aria-multiselectable="true" aria-label=${label} aria-describedby=${describedBy} ref=${table}
      onKeyDown=${onKeyDown} onPointerDown=${onPointerDown} onPointerMove=${onPointerMove} onPointerUp=${onPointerUp}
      onPointerCancel=${() => setDrag(null)} onClick=${onClick}>
      <thead><tr role="row">${weekdays.map((day) => html`<th scope="col" role="columnheader"
        abbr=${formatWeekday(day)}>${formatWeekday(day, "short")}</th>`)}</tr></thead>
      <tbody>${Array.from({ length: CALENDAR_WEEKS }, (_, week) => html`<tr key=${shown[week * 7]} role="row">
        ${shown.slice(week * 7, week * 7 + 7).map(cell)}</tr>`)}</tbody>
    </table>
    ${isTooLong && html`<p class="field-error">${t("calendar.tooLong")}</p>`}
  </div>`;
}
