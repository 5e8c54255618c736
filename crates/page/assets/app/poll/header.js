import { html, useState } from "../preact.js";
import { t, browserZone, formatDate, formatTime, formatZone } from "../i18n.js";
import { ZonePicker } from "../zone-picker.js";

const OTHER = "other";

/** The zones that matter to a poll: of whoever looks, of the organiser, of everybody who takes part. */
const zonesOf = (poll) => [...new Set([browserZone(), poll.time_zone, ...(poll.participants ?? []).map((person) => person.time_zone)])];

/** Chooses on whose clocks the grid is shown; there only where not all clocks are the same. */
export function ZoneChoice({ poll, zone, at, onZone }) {
  const [isPicking, setIsPicking] = useState(false);
  const zones = [...new Set([...zonesOf(poll), zone])];
  if (zones.length === 1) return null;
  const choose = (event) => (event.target.value === OTHER ? setIsPicking(true) : onZone(event.target.value));
  if (isPicking) {
    return html`<${ZonePicker} label=${t("poll.zone")} value=${zone} suggested=${zones} at=${at} onChange=${(chosen) => (setIsPicking(false), onZone(chosen))} />`;
  }
  return html`
    <label class="zone-choice">${t("poll.zone")}
      <select value=${zone} onChange=${choose}>
        ${zones.map((name) => html`<option value=${name}>${formatZone(name, at)}</option>`)}
        <option value=${OTHER}>${t("poll.otherZone")}</option>
      </select>
    </label>`;
}

/** What the poll is about, and how far it is. */
export function PollHeader({ poll, zone, isLive, children }) {
  const deadline = poll.deadline && Date.parse(poll.deadline);
  const counted = poll.participants_total ?? null;
  return html`
    <header class="poll-header">
      <h1 dir="auto">${poll.title}</h1>
      ${poll.description && html`<p class="poll-description" dir="auto">${poll.description}</p>`}
      <p class="row soft poll-facts">
        ${poll.location && html`<span><span aria-hidden="true">⌂ </span><span dir="auto">${poll.location}</span></span>`}
        ${deadline && html`<span>${t(poll.state === "open" ? "poll.until" : "poll.closedAt", { time: `${formatDate(deadline, zone)}, ${formatTime(deadline, zone)}` })}</span>`}
        ${counted > 0 && html`<span>${t("poll.answered", { n: poll.answered, total: counted })}</span>`}
        <span class=${`live-mark ${isLive ? "is-live" : ""}`}>${t(isLive ? "poll.live" : "poll.notLive")}</span>
      </p>
      ${poll.state === "closed" && html`<p class="banner banner-warning">${t("poll.closed")}</p>`}
      ${children}
    </header>`;
}
