import { levelsOf, levelsOfWeekly, rangesOf, weeklyRulesOf } from "../grid/levels.js";

/** What is painted, as the platform takes it: instants for a poll over dates, rules in the grid's zone for a weekly one. */
export const answerOfLevels = (levels, layout) =>
  layout.isWeekly ? weeklyRulesOf(levels, layout) : { ranges: rangesOf(levels, layout) };

/** An answer of the platform as levels by cell of the layout. */
export function levelsOfAnswer(answer, layout) {
  if (!layout.isWeekly) return levelsOf(answer.ranges ?? [], layout);
  return answer.weekly ? levelsOfWeekly(answer, layout) : new Uint8Array(layout.cells.length);
}

/** An answer as replies have it, of one that an event tells: there a weekly one is an object of its own. */
export const answerOfEvent = (told) => (told.weekly ? { ...told, ...told.weekly } : told);
