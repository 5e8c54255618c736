import { html } from "../preact.js";
import { browserZone, formatDate, t } from "../i18n.js";
import { askToConfirm, showToast } from "../dialogs.js";
import { textOfFailure } from "../faults.js";
import { nameOfBrowser } from "./browser-name.js";
import { endSession } from "./requests.js";

const LONG_DATE = { dateStyle: "long" };

/** The browsers in which somebody is signed in. `onEnded` is called once one of them is not any more. */
export function SessionList({ sessions, onEnded }) {
  return html`<ul class="poll-list">${sessions.map((session) => html`<${SessionRow} key=${session.id} session=${session}
    onEnd=${() => endAfterAsking(session, onEnded)} />`)}</ul>`;
}

function SessionRow({ session, onEnd }) {
  const name = nameOfBrowser(session.browser);
  const since = t("account.since", { date: formatDate(Date.parse(session.created_at), browserZone(), LONG_DATE) });
  // Of the last use only the day is known, that of UTC.
  const used = session.last_used ? t("account.lastUsed", { date: formatDate(Date.parse(session.last_used), "UTC", LONG_DATE) }) : t("account.neverUsed");
  return html`<li class="card calendar-row">
    <div class="calendar-facts">
      <div class="row">
        <h3>${name}</h3>
        ${session.current && html`<span class="state state-open">${t("account.thisBrowser")}</span>`}
      </div>
      <p class="soft">${since} · ${used}</p>
    </div>
    ${!session.current && html`<button type="button" class="danger" aria-label=${`${t("account.end")}: ${name}, ${since}`} onClick=${onEnd}>${t("account.end")}</button>`}
  </li>`;
}

async function endAfterAsking(session, onEnded) {
  const name = nameOfBrowser(session.browser);
  const question = { title: t("account.endTitle", { name }), text: t("account.endText"), confirm: t("account.end"), isDangerous: true };
  if (!(await askToConfirm(question))) return;
  try {
    await endSession(session.id);
  } catch (failure) {
    // Nobody is signed in here any more, which the list says when it is read again.
    if (failure.status === 401) return onEnded();
    // Ended already, as from another device.
    if (failure.status !== 404) return showToast(textOfFailure(failure));
  }
  onEnded();
  showToast(t("account.ended", { name }));
}
