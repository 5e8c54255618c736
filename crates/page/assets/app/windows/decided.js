import { html } from "../preact.js";
import { formatZone, t } from "../i18n.js";
import { textsOfWindow } from "./words.js";
import { MeetingReplies } from "./meeting-replies.js";
import { LocalTimes, participantsAt } from "./local-times.js";

/** What was decided, on everybody's clocks, with a file for calendars and what calendars have answered; the organiser can take it back. */
export function DecidedBanner({ poll, zone, onTakeBack, onDecide, onDecline }) {
  const { day, time } = textsOfWindow(poll.meeting, zone, false);
  const [start, end] = [poll.meeting.start, poll.meeting.end].map(Date.parse);
  const file = `/users/polls/${encodeURIComponent(poll.id)}/meeting.ics`;
  const zones = new Set((poll.participants ?? []).map((person) => person.time_zone));
  return html`<section class="card decided" aria-labelledby="decided-heading">
    <h2 id="decided-heading"><span aria-hidden="true">✓ </span>${t("windows.decided")}</h2>
    <p class="decided-when">${day}, <bdi>${time}</bdi></p>
    <p class="soft"><bdi>${formatZone(zone, start)}</bdi>${poll.location && html` · <span dir="auto">${poll.location}</span>`}</p>
    ${zones.size > 1 && html`<${LocalTimes} people=${participantsAt(poll.participants, start)} minutes=${(end - start) / 60_000} />`}
    <div class="row no-print">
      <a class="button primary" href=${file} download>${t("windows.addToCalendar")}</a>
      ${onTakeBack && html`<button type="button" onClick=${onTakeBack}>${t("windows.takeBack")}</button>`}
    </div>
    <${MeetingReplies} people=${poll.participants ?? []} ...${{ zone, onDecide, onDecline }} />
  </section>`;
}
