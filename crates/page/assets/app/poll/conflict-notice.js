import { html, useState } from "../preact.js";
import { t, formatWallTime, formatWeekday, formatZone } from "../i18n.js";
import { WEEKDAY_NAMES } from "../wall-time.js";
import { textsOfWindow } from "../windows/words.js";

/** Times that are listed before the rest is counted. */
const MOST_TIMES = 5;

/** When somebody is in conflict, in words: times of a poll over dates in the zone that is shown, weekly ones in the poll's. */
function timesOf({ ranges, weekly }, zone) {
  if (!weekly) {
    return ranges.map((range) => {
      const { day, time } = textsOfWindow(range, zone, false);
      return { key: range.start, day, time };
    });
  }
  return weekly.map(({ day, from, to }) => ({
    key: day + from, day: formatWeekday(WEEKDAY_NAMES.indexOf(day)), time: `${formatWallTime(from)} – ${formatWallTime(to)}`,
  }));
}

/**
 * Tells whoever has answered from their schedule that it says otherwise by now. Nothing is changed until they want it.
 * @param {{conflicts: object, poll: object, zone: string, onAnswerAnew: () => Promise<void>}} props
 */
export function ConflictNotice({ conflicts, poll, zone, onAnswerAnew }) {
  const [isSending, setIsSending] = useState(false);
  const times = timesOf(conflicts, zone);
  const answerAnew = async () => {
    setIsSending(true);
    await onAnswerAnew();
    setIsSending(false);
  };
  return html`<div class="conflict-notice" role="status">
    <p><strong>${t("conflicts.own")}</strong></p>
    <ul>${times.slice(0, MOST_TIMES).map(({ key, day, time }) => html`<li key=${key}>${day}, <bdi>${time}</bdi></li>`)}
      ${times.length > MOST_TIMES && html`<li>${t("conflicts.more", { n: times.length - MOST_TIMES })}</li>`}</ul>
    ${conflicts.weekly && poll.time_zone !== zone && html`<p class="soft"><bdi>${formatZone(poll.time_zone)}</bdi></p>`}
    <p>${t("conflicts.stays")}</p>
    <button type="button" class="primary no-print" disabled=${isSending} onClick=${answerAnew}>${t("conflicts.answerAnew")}</button>
  </div>`;
}
