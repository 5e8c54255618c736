// Answers that were made from a schedule which says otherwise by now: the platform tells it of each participant.
import { hintsOf, hintsOfWeekly } from "./levels.js";

/**
 * The cells of the layout at which a participant is in conflict, by number.
 * @param {{ranges?: {start: string, end: string}[], weekly?: {day: string, from: string, to: string}[]}} conflicts as
 *   `GET /polls/{id}` has them; those of every week are on the clocks of the poll's zone
 */
function cellsInConflict(conflicts, layout, pollZone) {
  const cells = conflicts.weekly ? hintsOfWeekly(conflicts.weekly, pollZone, layout) : hintsOf(conflicts.ranges ?? [], layout);
  return new Set([...cells.keys()].filter((cell) => cells[cell] === 1));
}

/** @returns {{name: string, cells: Set<number>}[]} everybody who is in conflict at any cell of the layout */
export const conflictsInLayout = (poll, layout) =>
  (poll?.participants ?? []).filter((person) => person.conflicts)
    .map(({ name, conflicts }) => ({ name, cells: cellsInConflict(conflicts, layout, poll.time_zone) }));

/** The names of those who are in conflict at any of these cells. */
export const namesInConflict = (conflicts, members) =>
  conflicts.filter(({ cells }) => members.some((cell) => cells.has(cell))).map(({ name }) => name);
