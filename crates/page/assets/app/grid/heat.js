import { LEVEL_IF_NEEDED, LEVEL_YES } from "./levels.js";

/** What somebody is at a time, besides the levels of an answer. */
export const STATUS_UNANSWERED = 3;
/** Names of statuses by number, as in the texts. */
export const STATUS_NAMES = ["cannot", "ifNeeded", "can", "unanswered"];
/** Steps of colour between nobody and everybody. */
const HEAT_STEPS = 9;

/**
 * @typedef {ReturnType<typeof import("./levels.js").heatOf>} Heat
 * @typedef {{isolated?: string|null, only?: Set<string>|null}} HeatFilter ids of people: the one who alone is shown, and
 *   those who alone are counted
 */

/** What a person is throughout cells of the layout. */
export function statusOf(person, members) {
  if (!person.answered) return STATUS_UNANSWERED;
  let level = LEVEL_YES;
  for (const index of members) level = Math.min(level, person.view[index]);
  return level;
}

/** The people who are counted. */
export function countedPeople(heat, { only } = {}) {
  return only?.size ? heat.people?.filter(({ id }) => only.has(id)) : heat.people;
}

/** How many people are counted: the end of the scale. */
export function scaleOf(heat, { only } = {}) {
  return only?.size && heat.people ? countedPeople(heat, { only }).length : heat.participants;
}

/**
 * How many can come throughout cells of the layout, `[gladly, only if needed]`. Where it is not known who, it is as many
 * as at the cell with the fewest.
 * @param {Heat} heat
 * @param {Int32Array} members
 * @param {Heat["people"]|undefined} people who are counted; by their numbers when there are none
 */
export function countsOf(heat, members, people) {
  if (!people) {
    let least = members[0];
    const canAt = (index) => heat.yes[index] + heat.ifNeeded[index];
    for (const index of members) if (canAt(index) < canAt(least)) least = index;
    return [heat.yes[least], heat.ifNeeded[least]];
  }
  let yes = 0;
  let ifNeeded = 0;
  for (const person of people) {
    const status = statusOf(person, members);
    if (status === LEVEL_YES) yes += 1;
    else if (status === LEVEL_IF_NEEDED) ifNeeded += 1;
  }
  return [yes, ifNeeded];
}

/** The step of the scale, 0 for nobody to 10, which is for everybody alone. */
export function heatStep(can, scale) {
  if (can === 0) return 0;
  return can >= scale ? HEAT_STEPS + 1 : Math.ceil((can / scale) * HEAT_STEPS);
}

/**
 * How many can come throughout each shown cell, `yes` and `ifNeeded` by position: as `countsOf`, but one person after the
 * other, as their answers lie in memory.
 */
export function countsOfView(heat, view, people) {
  const total = view.rows * view.columns;
  const counts = { yes: new Uint16Array(total), ifNeeded: new Uint16Array(total) };
  for (let position = 0; !people && position < total; position++) {
    const members = view.membersOf(position);
    if (members.length > 0) [counts.yes[position], counts.ifNeeded[position]] = countsOf(heat, members);
  }
  for (const person of people ?? []) {
    for (let position = 0; position < total; position++) {
      const status = statusOf(person, view.membersOf(position));
      if (status === LEVEL_YES) counts.yes[position] += 1;
      else if (status === LEVEL_IF_NEEDED) counts.ifNeeded[position] += 1;
    }
  }
  return counts;
}
