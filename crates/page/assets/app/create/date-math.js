// Dates are "YYYY-MM-DD", months "YYYY-MM", wall times "YYYY-MM-DDTHH:MM": texts that sort as they follow one another.
import { currentLocale } from "../i18n.js";

const DAY_MS = 86_400_000;
/** Most days from the first to the last date of a poll, both counted. */
export const MOST_DAYS = 84;

const msOfDate = (date) => Date.parse(`${date}T00:00:00Z`);
export const addDays = (date, days) => new Date(msOfDate(date) + days * DAY_MS).toISOString().slice(0, 10);
/** Days from one date to another; negative when the other is earlier. */
export const daysBetween = (from, to) => (msOfDate(to) - msOfDate(from)) / DAY_MS;
/** 0 is Monday. */
export const weekdayOf = (date) => (new Date(msOfDate(date)).getUTCDay() + 6) % 7;
/** The date on which the week of `date` starts, when weeks start on the weekday `first`. */
export const weekStart = (date, first) => addDays(date, -((weekdayOf(date) - first + 7) % 7));

/** The month so many months later. */
export function addMonths(month, months) {
  const [year, number] = month.split("-").map(Number);
  return new Date(Date.UTC(year, number - 1 + months, 1)).toISOString().slice(0, 7);
}

/** The same day of the month so many months later, or the last of that month. */
export function addMonthsToDate(date, months) {
  const month = addMonths(date.slice(0, 7), months);
  const last = addDays(`${addMonths(month, 1)}-01`, -1);
  const same = `${month}${date.slice(7)}`;
  return same < last ? same : last;
}

/** All dates from one to another, whichever is earlier. */
export function datesBetween(one, other) {
  const [from, to] = one < other ? [one, other] : [other, one];
  return Array.from({ length: daysBetween(from, to) + 1 }, (_, index) => addDays(from, index));
}

/** What the clocks of a zone show at an instant. Swedish writes times as ISO 8601 does. */
export const wallTimeAt = (ms, zone) =>
  new Intl.DateTimeFormat("sv-SE", { timeZone: zone, dateStyle: "short", timeStyle: "short" }).format(ms).replace(" ", "T");

/** When the clocks of a zone show a wall time, in milliseconds since 1970; where they skip it, near it. */
export function instantOfWallTime(wall, zone) {
  const wanted = Date.parse(`${wall}Z`);
  let ms = wanted;
  // Twice, since the offset that the first guess has may not be that of the outcome.
  for (let round = 0; round < 2; round++) ms += wanted - Date.parse(`${wallTimeAt(ms, zone)}Z`);
  return ms;
}

export const todayIn = (zone) => wallTimeAt(Date.now(), zone).slice(0, 10);

/** The weekdays on which the locale works, 0 is Monday. */
export function workingWeekdays() {
  const described = new Intl.Locale(currentLocale()).maximize();
  const weekend = (described.getWeekInfo?.() ?? described.weekInfo)?.weekend ?? [6, 7];
  return [0, 1, 2, 3, 4, 5, 6].filter((day) => !weekend.includes(day + 1));
}
