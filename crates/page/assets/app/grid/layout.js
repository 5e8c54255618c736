import { firstWeekday } from "../i18n.js";
import { DAY_MINUTES, minutesOfTime } from "../wall-time.js";

/** Milliseconds of a day of a calendar, which has no clock changes. */
const CALENDAR_DAY = 86_400_000;
/** Most columns that are shown at once: with them a phone needs not scroll sideways. */
const PAGE_COLUMNS = 7;

const dayNumber = (date) => Date.parse(`${date}T00:00:00Z`) / CALENDAR_DAY;
const dateOfDay = (day) => new Date(day * CALENDAR_DAY).toISOString().slice(0, 10);
/** 0 is Monday; 1 January 1970 was a Thursday. */
const weekdayOfDay = (day) => (((day + 3) % 7) + 7) % 7;

/**
 * @typedef {{column: number, row: number, start: number, end: number, slot: number, slots: number}} LayoutCell
 *   `start` and `end` in milliseconds since 1970
 * @typedef {{zone: string, isWeekly: boolean, minutes: number, columns: {date: string, day: number}[],
 *   rows: {time: string, again: boolean, nextDay: boolean}[], cells: LayoutCell[], weeks: [number, number][],
 *   changes: {at: number, before: string, after: string}[], cellAt: (column: number, row: number) => number,
 *   indexAt: (instant: number) => number}} GridLayout `minutes` are those of a whole cell, `day` 0 is Monday
 */

/**
 * A poll on the clocks of a zone, from the reply of `GET /polls/{id}/grid`. The cells have the order of the reply, which is
 * the same in every zone. Where the times of a day reach past midnight, as in an evening or in a zone far away, those after
 * midnight stay below those before it, in the same column: their rows are on the `nextDay`.
 * @param {{weekly?: boolean}} options `weekly`: columns are weekdays rather than dates
 * @returns {GridLayout}
 */
export function layoutOfPollGrid(pollGrid, { weekly = false } = {}) {
  const slots = Math.max(...pollGrid.cells.map((cell) => cell.slots));
  const minutes = slots * 15;
  const split = rowAfterNight(pollGrid.rows, minutes);
  const moved = (nextDay) => (row) => ({ ...row, nextDay });
  const rows = [...pollGrid.rows.slice(split).map(moved(false)), ...pollGrid.rows.slice(0, split).map(moved(true))];
  const placed = pollGrid.cells.map((cell) => {
    const day = dayNumber(pollGrid.columns[cell.column].date) - (cell.row < split ? 1 : 0);
    return { ...cell, day, row: (cell.row - split + rows.length) % rows.length };
  });
  const days = [...new Set(placed.map((cell) => cell.day))].sort((one, other) => one - other);
  const columnOf = new Map(days.map((day, column) => [day, column]));
  const cells = placed.map(({ day, row, start, end, slot, slots: length }) =>
    ({ column: columnOf.get(day), row, start: Date.parse(start), end: Date.parse(end), slot, slots: length }));
  const places = new Int32Array(days.length * rows.length).fill(-1);
  cells.forEach((cell, index) => { places[cell.column * rows.length + cell.row] = index; });
  return {
    zone: pollGrid.time_zone,
    isWeekly: weekly,
    minutes,
    columns: days.map((day) => ({ date: dateOfDay(day), day: weekdayOfDay(day) })),
    rows,
    cells,
    weeks: weekly ? [[0, days.length - 1]] : pagesOfDays(days),
    changes: pollGrid.changes.map((change) => ({ ...change, at: Date.parse(change.at) })),
    cellAt: (column, row) => places[column * rows.length + row],
    indexAt: (instant) => indexOfInstant(cells, instant),
  };
}

/** The row with which days start that reach past midnight; 0 where none does, or where nights are asked about too. */
function rowAfterNight(rows, minutes) {
  const starts = rows.map((row) => minutesOfTime(row.time));
  if (starts[0] + DAY_MINUTES > starts.at(-1) + minutes) return 0;
  let split = 0;
  let longest = 0;
  for (let row = 1; row < starts.length; row++) {
    const pause = starts[row] - starts[row - 1] - minutes;
    if (pause > longest) [split, longest] = [row, pause];
  }
  return split;
}

/** First and last column of each page: whole weeks, several where they have few days. */
function pagesOfDays(days) {
  const pages = [];
  let start = 0;
  let weekEnd = 0;
  for (let column = 1; column <= days.length; column++) {
    if (column < days.length && weekOfDay(days[column]) === weekOfDay(days[column - 1])) continue;
    if (column - start > PAGE_COLUMNS) {
      pages.push([start, weekEnd - 1]);
      start = weekEnd;
    }
    weekEnd = column;
  }
  pages.push([start, days.length - 1]);
  return pages;
}

const weekOfDay = (day) => Math.floor((day + 3 - firstWeekday()) / 7);

function indexOfInstant(cells, instant) {
  let [low, high] = [0, cells.length - 1];
  while (low <= high) {
    const middle = (low + high) >> 1;
    if (instant < cells[middle].start) high = middle - 1;
    else if (instant >= cells[middle].end) low = middle + 1;
    else return middle;
  }
  return -1;
}
