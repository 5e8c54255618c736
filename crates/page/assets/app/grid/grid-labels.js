import { t, formatDate, formatTime, formatWallTime, formatWeekday, hour12, formatNumber } from "../i18n.js";

/** The name of a column: its weekday, and its date unless the poll is weekly. */
export function columnName(layout, column, style = "short") {
  const { date, day } = layout.columns[column];
  if (layout.isWeekly) return formatWeekday(day, style);
  return formatDate(date, undefined, { weekday: style, day: "numeric", month: style });
}

/** When the cells are that are shown as one, as one says it: "Monday, 9 March, 09:00–09:30". */
export function timeName(layout, members, style = "long") {
  const [first, last] = [layout.cells[members[0]], layout.cells[members.at(-1)]];
  const { row } = first;
  const date = layout.isWeekly
    ? formatWeekday((layout.columns[first.column].day + (layout.rows[row].nextDay ? 1 : 0)) % 7, style)
    : formatDate(first.start, layout.zone, { weekday: style, day: "numeric", month: style });
  const offset = layout.rows[row].again ? ` ${offsetName(first.start, layout.zone)}` : "";
  return `${date}, ${formatTime(first.start, layout.zone)}–${formatTime(last.end, layout.zone)}${offset}`;
}

/** When each shown cell of a view is; empty where nothing is asked. */
export function timeNames(layout, view) {
  return Array.from({ length: view.rows * view.columns }, (none, position) => {
    const members = view.membersOf(position);
    return members.length === 0 ? "" : timeName(layout, members);
  });
}

/** The name of a row for the eye: "10 AM" or "10:00" for hours, ":30" for what is within them. */
export function shortTime(time) {
  const [hour, minute] = time.split(":").map(Number);
  if (minute !== 0) return `:${formatNumber(minute, { minimumIntegerDigits: 2 })}`;
  return hour12() ? formatDate(Date.UTC(2000, 0, 1, hour), "UTC", { hour: "numeric", hour12: true }) : formatWallTime(time);
}

/** The offset of a zone at an instant: "GMT+1". */
export function offsetName(instant, zone) {
  const parts = new Intl.DateTimeFormat("en", { timeZone: zone, timeZoneName: "shortOffset" }).formatToParts(instant);
  return parts.find((part) => part.type === "timeZoneName").value;
}

/** The name of a place that cannot be answered: the poll does not ask, or clocks skip that time. */
export function gapName(layout, column, row) {
  const time = `${layout.columns[column].date}T${row.time}:00`;
  const isSkipped = layout.changes.some(({ before, after }) => before <= time && time < after);
  return `${columnName(layout, column, "long")}, ${formatWallTime(row.time)}: ${t(isSkipped ? "grid.cell.skipped" : "grid.cell.gap")}`;
}
