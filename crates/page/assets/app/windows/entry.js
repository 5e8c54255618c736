import { html, useEffect, useState } from "../preact.js";
import { formatDate, formatNumber, listOf, t } from "../i18n.js";
import { textOfReason, textsOfWindow } from "./words.js";
import { LocalTimes, peopleOfWindow } from "./local-times.js";

/** People of whom each local time is shown without being asked for. */
const MOST_UNFOLDED = 30;
const SHARES = ["yes", "if_needed", "unanswered", "no"];

/** How many can, can if needed, have not answered and cannot, as one bar. */
function ShareBar({ window }) {
  const said = SHARES.filter((name) => window[name] > 0).map((name) => t(`windows.shares.${name}`, { n: window[name] }));
  return html`<div class="share-bar" role="img" aria-label=${listOf(said)}>${SHARES.map((name) =>
    window[name] > 0 && html`<span key=${name} class=${`share-${name}`} style=${{ flexGrow: window[name] }}></span>`)}</div>`;
}

/** In how many weeks a weekly window can be. */
function HoldsLine({ holds }) {
  if (!holds) return null;
  const except = holds.except.map((date) => formatDate(date, null, { day: "numeric", month: "short" }));
  return html`<p class="window-holds">${holds.in === holds.of
    ? t("windows.holdsAll", { n: holds.of })
    : t("windows.holds", { in: holds.in, n: holds.of, except: listOf(except) })}</p>`;
}

/** Everybody's local time, folded away; it is laid out only once it is looked at, since there may be hundreds of people. */
function LocalTimesDetails({ window, minutes, isWanted }) {
  const [isOpen, setIsOpen] = useState(isWanted && window.people.length <= MOST_UNFOLDED);
  useEffect(() => isWanted && window.people.length <= MOST_UNFOLDED && setIsOpen(true), [isWanted]);
  return html`<details open=${isOpen} onToggle=${(event) => setIsOpen(event.target.open)}>
    <summary>${t("windows.localTimes")}</summary>
    ${isOpen && html`<${LocalTimes} people=${peopleOfWindow(window)} minutes=${minutes} />`}
  </details>`;
}

/**
 * One of the ranked windows.
 * @param {{window: object, isBest: boolean, isOutlined: boolean, names: Map<string, string>, zone: string, isWeekly: boolean,
 *   onOutline: () => void, onDecide?: () => void}} props
 */
export function WindowEntry({ window, isBest, isOutlined, names, zone, isWeekly, onOutline, onDecide }) {
  const total = window.yes + window.if_needed + window.no + window.unanswered;
  const coming = window.yes + window.if_needed;
  const { day, time } = textsOfWindow(window, zone, isWeekly);
  const minutes = (Date.parse(window.end) - Date.parse(window.start)) / 60_000;
  return html`<li class=${`window ${isOutlined ? "outlined" : ""} ${coming === total ? "for-everybody" : ""}`}>
    <button type="button" class="window-head" aria-pressed=${String(isOutlined)} onClick=${onOutline}>
      <span class="window-when"><span class="window-day">${day}</span> <bdi class="window-time">${time}</bdi></span>
      <span class="window-count">${coming === total && html`<span aria-hidden="true">✓ </span>`}${t("windows.count", { coming: formatNumber(coming), total: formatNumber(total) })}</span>
    </button>
    <${ShareBar} window=${window} />
    <ul class="window-reasons">${window.reasons.map((reason) => html`<li key=${reason.code} class=${`reason-${reason.code}`}>${textOfReason(reason, names)}</li>`)}</ul>
    <${HoldsLine} holds=${window.holds} />
    <div class="window-foot">
      ${window.people && html`<${LocalTimesDetails} window=${window} minutes=${minutes} isWanted=${isBest || isOutlined} />`}
      ${onDecide && html`<button type="button" class=${isBest ? "primary no-print" : "no-print"} onClick=${onDecide}
        aria-label=${`${t("windows.decide")}: ${day}, ${time}`}>${t("windows.decide")}</button>`}
    </div>
  </li>`;
}
