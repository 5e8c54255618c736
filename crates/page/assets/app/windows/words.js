// What the platform says of windows by code, in words. Names come from people, so each is isolated from the direction of
// the sentence around it.
import { bidiIsolated, formatDate, formatMinutes, formatTime, listOf, t } from "../i18n.js";

const MOST_NAMES = 4;

/** @returns {Map<string, string>} what the participants of a poll call themselves, by their id */
export const namesOfPoll = (poll) => new Map((poll.participants ?? []).map((person) => [person.id, person.name]));

/** "Ada, Ben and Chitra", or "Ada, Ben, Chitra and 7 more". */
export function listOfPeople(ids, names) {
  const known = ids.map((id) => bidiIsolated(names.get(id) ?? id));
  if (known.length <= MOST_NAMES) return listOf(known);
  return listOf([...known.slice(0, MOST_NAMES - 1), t("windows.others", { n: known.length - MOST_NAMES + 1 })]);
}

/** Why a window is where it is; those whom it is about may be hidden. */
export function textOfReason(reason, names) {
  const isHidden = reason.people.length === 0;
  const key = isHidden ? `windows.hiddenReasons.${reason.code}` : `windows.reasons.${reason.code}`;
  const text = t(key, { names: listOfPeople(reason.people, names), n: reason.people.length });
  return text === key ? reason.text : text;
}

/** Why there is no window, and what to do. */
export function textOfEmptyReason(reason, names) {
  const n = reason.people.length;
  return t(`windows.empty.${reason.code}`, { names: n ? listOfPeople(reason.people, names) : t("windows.somebody"), n: n || 1 });
}

/** What a change would give: possible times where there are none, else times at which everybody can come. */
export function textOfUnlock(unlock, names, zone, { isWeekly, hasWindows }) {
  const start = Date.parse(unlock.start);
  const first = `${formatDate(start, zone, isWeekly ? { weekday: "long" } : undefined)}, ${formatTime(start, zone)}`;
  const hidden = unlock.change === "without" && !unlock.people?.length;
  const condition = t(`windows.unlocks.${hidden ? "without_hidden" : unlock.change}`, {
    names: listOfPeople(unlock.people ?? [], names), length: formatMinutes(unlock.duration_minutes ?? 0),
    to: unlock.to ? formatDate(Date.parse(unlock.to) - 1, zone) : "",
  });
  return `${condition}: ${t(`windows.gains.${hasWindows ? "everybody" : "any"}`, { n: unlock.windows, first: bidiIsolated(first) })}`;
}

/** "Friday, 4 December" and "10:00 – 11:00" of a time; of a weekly one "Every Friday". */
export function textsOfWindow({ start, end }, zone, isWeekly) {
  const [from, to] = [Date.parse(start), Date.parse(end)];
  const day = formatDate(from, zone, isWeekly ? { weekday: "long" } : { weekday: "long", day: "numeric", month: "long" });
  return { day: isWeekly ? t("windows.everyWeek", { day }) : day, time: `${formatTime(from, zone)} – ${formatTime(to, zone)}` };
}
