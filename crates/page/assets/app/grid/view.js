import { minutesOfTime } from "../wall-time.js";

/**
 * @typedef {{columns: number, rows: number, firstColumn: number, rowList: {members: number[], time: string, again: boolean,
 *   nextDay: boolean, isAfterPause: boolean, isNewDate: boolean, isRepeated: boolean, startsHour: boolean}[],
 *   membersOf: (position: number) => Int32Array, isAsked: (position: number) => boolean}} GridView `membersOf` gives the layout's cells
 *   that are shown as one, `isAsked` tells whether there are any
 */

/**
 * What of a layout is on the screen: the columns of one week, and its rows, each of so many minutes. A shown cell has
 * the position `row * columns + column`.
 * @param {import("./layout.js").GridLayout} layout
 * @param {number} week which of `layout.weeks`
 * @param {number} minutes of a row, at least those of the layout's cells
 * @returns {GridView}
 */
export function gridView(layout, week, minutes) {
  const [firstColumn, lastColumn] = layout.weeks[week];
  const columns = lastColumn - firstColumn + 1;
  const rowList = shownRows(layout, firstColumn, lastColumn, minutes);
  const starts = new Int32Array(rowList.length * columns + 1);
  const flat = [];
  rowList.forEach((row, at) => {
    for (let column = 0; column < columns; column++) {
      for (const member of row.members) {
        const index = layout.cellAt(firstColumn + column, member);
        if (index >= 0) flat.push(index);
      }
      starts[at * columns + column + 1] = flat.length;
    }
  });
  const cells = Int32Array.from(flat);
  const membersOf = (position) => cells.subarray(starts[position], starts[position + 1]);
  const isAsked = (position) => starts[position] < starts[position + 1];
  return { columns, rows: rowList.length, firstColumn, rowList, membersOf, isAsked };
}

function shownRows(layout, firstColumn, lastColumn, minutes) {
  const shown = [];
  let lastEnd = 0;
  layout.rows.forEach((row, index) => {
    let isUsed = false;
    for (let column = firstColumn; column <= lastColumn; column++) isUsed ||= layout.cellAt(column, index) >= 0;
    if (!isUsed) return;
    const start = minutesOfTime(row.time) + (row.nextDay ? 1440 : 0);
    const before = shown.at(-1);
    const group = Math.floor(start / minutes);
    if (before && before.group === group && before.again === row.again) before.members.push(index);
    else {
      const isAfterPause = before !== undefined && start > lastEnd;
      const isNewDate = row.nextDay && !before?.nextDay;
      const isSameHour = before && before.again === row.again && before.time.slice(0, 2) === row.time.slice(0, 2);
      shown.push({ ...row, group, members: [index], isAfterPause, isNewDate, isRepeated: row.again, startsHour: !isSameHour || isAfterPause });
    }
    lastEnd = start + layout.minutes;
  });
  // Both times that have the same name tell their offset.
  const repeated = new Set(shown.filter((row) => row.again).map((row) => row.time));
  shown.forEach((row) => { row.isRepeated = repeated.has(row.time); });
  return shown;
}

/** The lengths of rows, in minutes, that a layout can be shown with. */
export const zoomsOf = (layout) => [15, 30, 60].filter((minutes) => minutes >= layout.minutes);

const WEEK = 7 * 86_400_000;

/**
 * A window of time in milliseconds since 1970, where the layout has it: a weekly poll is drawn in one of its weeks.
 * @param {{start: string, end: string}} range
 */
export function rangeInLayout(layout, range) {
  const [start, end] = [Date.parse(range.start), Date.parse(range.end)];
  const moved = layout.isWeekly ? Math.floor((start - layout.cells[0].start) / WEEK) * WEEK : 0;
  return { start: start - moved, end: end - moved };
}

/** The week in which an instant is; 0 when it is in none. */
export function weekOfInstant(layout, instant) {
  const column = layout.cells[layout.indexAt(instant)]?.column ?? 0;
  return Math.max(0, layout.weeks.findIndex(([first, last]) => first <= column && column <= last));
}
