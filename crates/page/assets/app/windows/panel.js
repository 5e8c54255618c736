import { html, useEffect, useState } from "../preact.js";
import { formatZone, t } from "../i18n.js";
import { textOfFailure } from "../faults.js";
import { listOfPeople, namesOfPoll, textOfEmptyReason } from "./words.js";
import { DecidedBanner } from "./decided.js";
import { WindowEntry } from "./entry.js";
import { UnlockList } from "./unlocks.js";
import { WindowsOptions } from "./options.js";
import { RotationTable } from "./rotation.js";

/** Windows that are shown before more are asked for. */
const SHOWN_FIRST = 3;

/** Whether answers that are still missing can change the first window, and whose. */
function awaitedText(suggestions, names) {
  const first = suggestions.windows[0];
  if (!first) return null;
  if (first.unanswered === 0 && suggestions.settled) return t("windows.allAnswered");
  if (suggestions.settled) return t("windows.settled");
  const awaited = suggestions.awaited ?? [];
  return awaited.length ? t("windows.awaited", { names: listOfPeople(awaited, names), n: awaited.length }) : t("windows.awaitedHidden");
}

/** Why nothing can be shown. */
function WindowsFailure({ failure, poll, onRetry }) {
  const isHidden = [401, 403].includes(failure.status) && poll.visibility !== "full";
  const text = isHidden ? t(`windows.hiddenBy.${poll.visibility === "blind" ? "blind" : "after_answer"}`) : textOfFailure(failure);
  return html`<p class="soft">${text}</p>
    ${failure.isTemporary && onRetry && html`<button type="button" onClick=${onRetry}>${t("windows.retry")}</button>`}`;
}

function WindowsList({ poll, suggestions, zone, onOutline, onDecide, options, onOptions }) {
  const [outlined, setOutlined] = useState(null);
  const [showsAll, setShowsAll] = useState(false);
  const isWeekly = poll.kind === "weekly";
  const names = namesOfPoll(poll);
  const { windows } = suggestions;
  const outline = (window) => {
    setOutlined(window?.start ?? null);
    onOutline?.(window);
  };
  // A window that is no more does not stay outlined in the grid.
  useEffect(() => {
    if (outlined && !windows.some((window) => window.start === outlined)) outline(null);
  }, [suggestions]);
  const shown = showsAll ? windows : windows.slice(0, SHOWN_FIRST);
  const awaited = awaitedText(suggestions, names);
  return html`
    ${suggestions.empty_reason && html`<p class="windows-empty">${textOfEmptyReason(suggestions.empty_reason, names)}</p>`}
    ${awaited && html`<p class="windows-awaited">${awaited}</p>`}
    <ol class="windows-list">${shown.map((window, index) => html`<${WindowEntry} key=${window.start} window=${window} isBest=${index === 0}
      isOutlined=${outlined === window.start} names=${names} zone=${zone} isWeekly=${isWeekly}
      onOutline=${() => outline(outlined === window.start ? null : window)} onDecide=${onDecide && (() => onDecide(window))} />`)}</ol>
    ${windows.length > SHOWN_FIRST && html`<button type="button" class="plain" aria-expanded=${String(showsAll)}
      onClick=${() => setShowsAll(!showsAll)}>${showsAll ? t("windows.fewer") : t("windows.more", { n: windows.length - SHOWN_FIRST })}</button>`}
    <${UnlockList} suggestions=${suggestions} names=${names} zone=${zone} isWeekly=${isWeekly} options=${options} onOptions=${onOptions} />
    <${RotationTable} suggestions=${suggestions} names=${names} zone=${zone} />`;
}

/**
 * When the group can meet: the best windows with reasons, and what was decided.
 * @param {{poll: object, suggestions: object|null, failure?: import("../api.js").ApiFailure, zone: string, options?: object,
 *   onOptions?: (options: object) => void, onOutline?: (window: object|null) => void, onDecide?: (window: object) => void,
 *   onTakeBack?: () => void, onDecline?: (person: object) => void, onRetry?: () => void}} props `suggestions` is the platform's
 *   reply, null while it is on its way; `onDecide`, `onTakeBack` and `onDecline` are the organiser's
 */
export function WindowsPanel({ poll, suggestions, failure, zone, options = {}, onOptions, onOutline, onDecide, onTakeBack, onDecline, onRetry }) {
  const hasChoice = suggestions && (suggestions.empty_reason?.code !== "no_answers" || Object.keys(options).length > 0);
  if (poll.meeting) return html`<${DecidedBanner} ...${{ poll, zone, onTakeBack, onDecide, onDecline }} />`;
  return html`<section class="card windows-panel" aria-labelledby="windows-heading" aria-busy=${String(!suggestions && !failure)}>
    <h2 id="windows-heading">${t("windows.heading")}</h2>
    <p class="soft windows-zone"><bdi>${formatZone(zone, suggestions?.windows[0] ? Date.parse(suggestions.windows[0].start) : Date.now())}</bdi></p>
    ${failure ? html`<${WindowsFailure} failure=${failure} poll=${poll} onRetry=${onRetry} />`
      : suggestions ? html`<${WindowsList} ...${{ poll, suggestions, zone, onOutline, onDecide, options, onOptions }} />`
      : html`<div class="windows-loading"><span class="visually-hidden">${t("windows.loading")}</span></div>`}
    ${onOptions && hasChoice && !failure && html`<${WindowsOptions} poll=${poll} options=${options} onOptions=${onOptions} />`}
  </section>`;
}
