import { html } from "../preact.js";
import { t } from "../i18n.js";
import { textsOfWindow } from "./words.js";

/** Without colour alone: who comes, may come, and does not. */
const SIGNS = { accepted: "✓", tentative: "?", declined: "✗" };

/**
 * What the calendars of participants have answered to the meeting. The organiser takes or declines the times that they
 * propose.
 * @param {{people: object[], zone: string, onDecide?: (window: {start: string, end: string}) => void,
 *   onDecline?: (person: object) => void}} props
 */
export function MeetingReplies({ people, zone, onDecide, onDecline }) {
  const replied = people.filter((person) => person.meeting_reply);
  if (replied.length === 0) return null;
  return html`<section class="meeting-replies" aria-labelledby="replies-heading">
    <h3 id="replies-heading">${t("replies.heading")}</h3>
    <ul>${replied.map((person) => html`<${Reply} key=${person.id} ...${{ person, zone, onDecide, onDecline }} />`)}</ul>
  </section>`;
}

function Reply({ person, zone, onDecide, onDecline }) {
  const { status, proposal, comment } = person.meeting_reply;
  const { day, time } = proposal ? textsOfWindow(proposal, zone, false) : {};
  return html`<li>
    <p><span aria-hidden="true">${SIGNS[status]} </span><bdi>${person.name}</bdi> <span class="soft">${t(`replies.status.${status}`)}</span></p>
    ${comment && html`<blockquote dir="auto">${comment}</blockquote>`}
    ${proposal && html`<p>${t("replies.proposes")} <strong>${day}, <bdi>${time}</bdi></strong></p>`}
    ${proposal && onDecide && html`<div class="row no-print">
      <button type="button" class="primary" onClick=${() => onDecide(proposal)}>${t("replies.take")}</button>
      <button type="button" onClick=${() => onDecline(person)}>${t("replies.decline")}</button>
    </div>`}
  </li>`;
}
