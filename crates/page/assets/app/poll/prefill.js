import { readAnswer, readFreeBusy, readSchedule } from "../api.js";
import { rememberedPolls } from "../store.js";
import { hintsOf, levelsOf, levelsOfWeek, levelsOfWeekly, weekOfRanges } from "../grid/levels.js";

/** The other polls that were answered in this browser: what was painted there can be painted here. */
export const answeredPolls = (id) => rememberedPolls().filter((poll) => poll.id !== id && poll.participant);

/** How an earlier answer looks in this poll: by weekday and time of day. */
export async function levelsOfEarlierPoll(earlier, layout) {
  const { data } = await readAnswer(earlier.id, earlier.participant.id, earlier.participant.token);
  if (data.weekly) return levelsOfWeekly(data, layout);
  return levelsOfWeek(weekOfRanges(data.ranges ?? [], layout.zone), layout.zone, layout);
}

/**
 * How the schedule of a stored person looks in this poll, and when they are busy.
 * @returns {Promise<{levels: Uint8Array, hints: Uint8Array|null}>}
 */
export async function levelsOfSchedule(email, layout) {
  if (layout.isWeekly) return { levels: levelsOfWeekly(await readSchedule(email), layout), hints: null };
  const [from, to] = [layout.cells[0].start, layout.cells.at(-1).end].map((at) => new Date(at).toISOString());
  const { free, busy } = await readFreeBusy(email, from, to);
  return { levels: levelsOf(free, layout), hints: hintsOf(busy, layout) };
}
