// What a form of a poll holds, and what the platform is sent of it.
import { browserZone } from "../i18n.js";
import { DAY_MINUTES, WEEKDAY_NAMES, minutesOfTime } from "../wall-time.js";
import { addDays, daysBetween, instantOfWallTime, todayIn, wallTimeAt, workingWeekdays } from "./date-math.js";

export const VISIBILITIES = ["full", "after_answer", "counts", "blind"];

/**
 * @typedef {{title: string, description: string, location: string, kind: "dates"|"weekly", dates: string[], days: string[],
 *   zone: string, from: string, to: string, granularity: number, length: number, deadline: string, visibility: string,
 *   email: string, reminds: boolean}} PollDraft
 *   `deadline` is a wall time in `zone`, or empty; `granularity` and `length` are minutes; `email` is the organiser's
 */

/** @returns {PollDraft} of a poll that somebody is about to make */
export function emptyDraft() {
  return {
    title: "", description: "", location: "", kind: "dates", dates: [],
    days: workingWeekdays().map((day) => WEEKDAY_NAMES[day]),
    zone: browserZone(), from: "09:00", to: "17:00", granularity: 30, length: 60, deadline: "", visibility: "full", email: "", reminds: false,
  };
}

/** @returns {PollDraft} of a poll as the platform has it */
export function draftOfPoll(poll) {
  return {
    title: poll.title, description: poll.description, location: poll.location, kind: poll.kind,
    dates: poll.dates ?? [], days: poll.days ?? [], zone: poll.time_zone, from: poll.from, to: poll.to,
    granularity: poll.granularity_minutes, length: poll.duration_minutes, visibility: poll.visibility,
    email: poll.organiser_email ?? "", reminds: poll.remind,
    deadline: poll.deadline ? wallTimeAt(Date.parse(poll.deadline), poll.time_zone) : "",
  };
}

/** @returns {PollDraft} like a poll, at whole weeks later where its dates have passed */
export function draftLike(poll) {
  const draft = { ...draftOfPoll(poll), deadline: "", reminds: false };
  const late = draft.dates.length ? daysBetween(draft.dates[0], todayIn(draft.zone)) : 0;
  const shift = late > 0 ? Math.ceil(late / 7) * 7 : 0;
  return { ...draft, dates: draft.dates.map((date) => addDays(date, shift)) };
}

/** The body that makes a poll of a draft. */
export function bodyOfDraft(draft) {
  return {
    title: draft.title.trim(), description: draft.description.trim(), location: draft.location.trim(),
    kind: draft.kind, ...(draft.kind === "dates" ? { dates: draft.dates } : { days: draft.days }),
    time_zone: draft.zone, from: draft.from, to: draft.to, granularity_minutes: draft.granularity, duration_minutes: draft.length,
    deadline: draft.deadline ? new Date(instantOfWallTime(draft.deadline, draft.zone)).toISOString() : null,
    visibility: draft.visibility, organiser_email: draft.email.trim() || null, remind: draft.reminds && draft.deadline !== "",
  };
}

/** A draft with what changed from `before` to `current` elsewhere, where it was not changed here. */
export function rebasedDraft(draft, before, current) {
  const isOwn = (name) => JSON.stringify(draft[name]) !== JSON.stringify(before[name]);
  return Object.fromEntries(Object.entries(current).map(([name, value]) => [name, isOwn(name) ? draft[name] : value]));
}

/** What of the body changed between two drafts. */
export function changeOfDrafts(before, after) {
  const [old, now] = [bodyOfDraft(before), bodyOfDraft(after)];
  return Object.fromEntries(Object.entries(now).filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(old[name])));
}

export const timeOfMinutes = (minutes) =>
  `${String(Math.floor(minutes / 60)).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`;
/** Minutes from one time to another, which is on the next day where it is not later. */
export const minutesFromTo = (from, to) => (minutesOfTime(to) - minutesOfTime(from) + DAY_MINUTES) % DAY_MINUTES || DAY_MINUTES;

/** The draft with its times made to fit one another after one of them changed. */
export function withFittingTimes(draft, before) {
  let minutes = minutesFromTo(draft.from, draft.to);
  // A start that was moved past the end takes the end along, rather than to the next day.
  const wasSameDay = minutesOfTime(before.to) > minutesOfTime(before.from);
  if (draft.from !== before.from && wasSameDay && minutesOfTime(draft.from) >= minutesOfTime(draft.to)) {
    minutes = Math.min(minutesFromTo(before.from, before.to), DAY_MINUTES - minutesOfTime(draft.from));
  }
  minutes = Math.max(draft.granularity, Math.ceil(minutes / draft.granularity) * draft.granularity);
  const end = minutesOfTime(draft.from) + minutes;
  return { ...draft, to: timeOfMinutes(end > DAY_MINUTES ? end - DAY_MINUTES : end), length: Math.min(draft.length, minutes) };
}
