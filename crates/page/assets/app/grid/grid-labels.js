import { t, formatDate, formatTime, formatWallTime, formatWeekday, hour12, formatNumber } from "../i18n.js";
import { minutesOfTime } from "../wall-time.js";

/** The name of a column: its weekday, and its date unless the poll is weekly. */
export function columnName(layout, column, style = "short") {
  const { date, day } = layout.columns[column];
  if (layout.isWeekly) return formatWeekday(day, style);
  return formatDate(date, undefined, { weekday: style, day: "numeric", month: style });
}

/**
 * What says when cells are that are shown as one: "Monday, March 9, 09:00–09:30". It remembers its words, since hundreds
 * of cells have few dates and times.
 * @returns {(members: Int32Array) => string}
 */
export function timeNamer(layout, style = "long") {
  const dateName = remembering((day) => (layout.isWeekly
    ? formatWeekday((day + 3) % 7, style)
    : formatDate(day * 86_400_000, "UTC", { weekday: style, day: "numeric", month: style })));
  const clockName = remembering((minutes) => formatDate(minutes * 60_000, "UTC", { hour: "numeric", minute: "2-digit", hour12: hour12() }));
  const changes = new Set(layout.changes.map((change) => change.at));
  return (members) => {
    const [first, last] = [layout.cells[members[0]], layout.cells[members.at(-1)]];
    const row = layout.rows[first.row];
    const day = Date.parse(layout.columns[first.column].date) / 86_400_000 + (row.nextDay ? 1 : 0);
    const start = minutesOfTime(row.time);
    const end = minutesOfTime(layout.rows[last.row].time) + last.slots * 15;
    // Where clocks are set at its end, a cell ends at another time than its length says.
    const endName = changes.has(last.end) ? formatTime(last.end, layout.zone) : clockName(end % 1440);
    const offset = row.again ? ` ${offsetName(first.start, layout.zone)}` : "";
    return `${dateName(day)}, ${clockName(start)}–${endName}${offset}`;
  };
}

function remembering(make) {
  const made = new Map();
  return (key) => {
    if (!made.has(key)) made.set(key, make(key));
    return made.get(key);
  };
}

/** When each shown cell of a view is; empty where nothing is asked. */
export function timeNames(layout, view) {
  const nameOf = timeNamer(layout);
  return Array.from({ length: view.rows * view.columns }, (none, position) => (view.isAsked(position) ? nameOf(view.membersOf(position)) : ""));
}

/** The name of a row for the eye: "10 AM" or "10:00" where an hour starts, ":30" for what is within it. */
export function shortTime({ time, startsHour }) {
  const [hour, minute] = time.split(":").map(Number);
  if (!startsHour) return `:${formatNumber(minute, { minimumIntegerDigits: 2 })}`;
  return hour12() && minute === 0 ? formatDate(Date.UTC(2000, 0, 1, hour), "UTC", { hour: "numeric", hour12: true }) : formatWallTime(time);
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
