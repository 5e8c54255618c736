import { t, bidiIsolated, listOf } from "../i18n.js";
import { namesInConflict } from "./conflicts.js";
import { STATUS_NAMES, STATUS_UNANSWERED, countsOf, statusOf } from "./heat.js";

/** Signs of statuses by number, beside the colour. */
export const STATUS_SIGNS = ["✕", "~", "✓", "?"];
/** The order in which statuses are told. */
const STATUS_ORDER = [2, 1, 0, STATUS_UNANSWERED];
/** Most names that are read out of each status. */
const MOST_NAMES_READ = 12;

/** How many are what at cells of the layout: "✓ 3 can · ✕ 1 cannot". */
export function whoCountsText(heat, members) {
  const [can, ifNeeded] = countsOf(heat, members, heat.people);
  const counts = [heat.answered - can - ifNeeded, ifNeeded, can, heat.participants - heat.answered];
  return STATUS_ORDER.filter((status) => status === STATUS_ORDER[0] || counts[status] > 0)
    .map((status) => `${STATUS_SIGNS[status]} ${t(`grid.who.${STATUS_NAMES[status]}`, { n: counts[status] })}`).join(" · ");
}

/** Who is what at cells of the layout, for who listens: "3 can: Ada, Ben and Chitra; 1 cannot: Dana". */
export function whoNamesText(heat, members) {
  const names = STATUS_ORDER.map(() => []);
  for (const person of heat.people) names[statusOf(person, members)].push(person.name);
  const said = STATUS_ORDER.filter((status) => names[status].length > 0)
    .map((status) => `${t(`grid.who.${STATUS_NAMES[status]}`, { n: names[status].length })}: ${listOf(readable(names[status]))}`);
  return [...said, whoIsInConflictText(heat, members)].filter(Boolean).join("; ");
}

/** In whose calendar something else is at cells of the layout now; empty where that is nobody. */
export function whoIsInConflictText(heat, members) {
  const names = namesInConflict(heat.conflicts ?? [], members);
  return names.length > 0 ? t("conflicts.others", { names: listOf(readable(names).map(bidiIsolated)) }) : "";
}

const readable = (names) => (names.length > MOST_NAMES_READ ? [...names.slice(0, MOST_NAMES_READ), "…"] : names);
