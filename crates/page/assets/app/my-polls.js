import { html, useEffect, useState } from "./preact.js";
import { formatDate, formatTime, formatZone, browserZone, formatWeekday, listOf, t } from "./i18n.js";
import { readPoll } from "./api.js";
import { followLink } from "./navigate.js";
import { rememberedPolls } from "./store.js";
import { textOfFailure } from "./faults.js";
import { WEEKDAY_NAMES } from "./wall-time.js";
import { deleteAfterAsking, downloadExport, forgetAfterAsking, restoreDeleted } from "./organiser/actions.js";

/** Polls that are read at the same time. */
const READ_AT_ONCE = 4;
const DAY_STYLE = { day: "numeric", month: "short", year: "numeric" };

/** Reads the polls, some at a time, and hands over each as it comes: the poll, or why it could not be read. */
async function readEach(entries, onRead) {
  const waiting = [...entries];
  const readOn = async () => {
    for (let entry = waiting.shift(); entry; entry = waiting.shift()) {
      const token = entry.adminToken ?? entry.participant?.token;
      onRead(entry.id, await readPoll(entry.id, token).catch((failure) => ({ failure })));
    }
  };
  await Promise.all(Array.from({ length: READ_AT_ONCE }, readOn));
}

/** What a poll is about in one line: its days, or the time that was decided. */
function lineOfPoll(poll) {
  if (poll.meeting) {
    const start = Date.parse(poll.meeting.start);
    return `${formatDate(start, browserZone())}, ${formatTime(start, browserZone())} · ${formatZone(browserZone(), start)}`;
  }
  if (poll.kind === "weekly") return listOf(poll.days.map((day) => formatWeekday(WEEKDAY_NAMES.indexOf(day))));
  const [first, last] = [poll.dates[0], poll.dates.at(-1)].map((date) => formatDate(date, null, DAY_STYLE));
  return first === last ? first : `${first} – ${last}`;
}

function PollRow({ entry, poll, onChanged }) {
  const { failure } = poll ?? {};
  const isGone = failure?.status === 404;
  const state = failure || !poll ? null : poll.state;
  const title = state ? poll.title : entry.title;
  const known = { id: entry.id, title };
  const remove = () => deleteAfterAsking(known, entry.adminToken, { onDeleted: onChanged, onRestored: onChanged });
  const role = entry.adminToken ? "created" : "answered";
  return html`<li class="card poll-row">
    <div class="poll-row-head">
      <h2>${isGone ? html`<span dir="auto">${title}</span>` : html`<a href=${`/p/${encodeURIComponent(entry.id)}`} dir="auto" onClick=${followLink}>${title}</a>`}</h2>
      ${(state || isGone) && html`<span class=${`state state-${state ?? "gone"}`}>${t(`myPolls.states.${state ?? "gone"}`)}</span>`}
    </div>
    <p class="soft">
      ${t(`myPolls.roles.${role}`)}${entry.participant && html` · <bdi>${entry.participant.name}</bdi>`}
      ${state && html` · <bdi>${lineOfPoll(poll)}</bdi>`}
      ${state && poll.answered !== null && ` · ${t("myPolls.answers", { n: poll.answered })}`}
    </p>
    ${failure && !isGone && html`<p class="field-error">${textOfFailure(failure)}</p>`}
    ${isGone && html`<p class="soft">${t(entry.adminToken ? "myPolls.goneOwn" : "myPolls.gone")}</p>`}
    <div class="row">
      ${state && html`<a class="button" href=${`/?like=${encodeURIComponent(entry.id)}`} onClick=${followLink}
        aria-label=${`${t("organiser.duplicate")}: ${title}`}>${t("organiser.duplicate")}</a>`}
      ${state && entry.adminToken && html`<button type="button" aria-label=${`${t("organiser.csv")}: ${title}`}
        onClick=${() => downloadExport(poll, "csv", browserZone(), entry.adminToken)}>${t("organiser.csv")}</button>
        <button type="button" class="danger" aria-label=${`${t("organiser.delete")}: ${title}`} onClick=${remove}>${t("organiser.delete")}</button>`}
      ${isGone && entry.adminToken && html`<button type="button" aria-label=${`${t("organiser.restore")}: ${title}`}
        onClick=${() => restoreDeleted(known, entry.adminToken, onChanged)}>${t("organiser.restore")}</button>`}
      <button type="button" class="plain" aria-label=${`${t("organiser.forget")}: ${title}`}
        onClick=${() => forgetAfterAsking(entry, onChanged)}>${t("organiser.forget")}</button>
    </div>
  </li>`;
}

/** The polls that were made or answered in this browser. */
export function MyPollsScreen() {
  const [entries, setEntries] = useState(rememberedPolls);
  const [polls, setPolls] = useState({});
  const readAgain = () => {
    const remembered = rememberedPolls();
    setEntries(remembered);
    return readEach(remembered, (id, poll) => setPolls((before) => ({ ...before, [id]: poll })));
  };
  useEffect(() => {
    document.title = `${t("myPolls.heading")} – W2Meet`;
    readAgain();
    addEventListener("online", readAgain);
    return () => removeEventListener("online", readAgain);
  }, []);
  return html`<div class="my-polls">
    <h1>${t("myPolls.heading")}</h1>
    <p class="soft">${t("myPolls.privacy")}</p>
    ${entries.length === 0
      ? html`<div class="card empty-state"><p>${t("myPolls.none")}</p><a class="button primary" href="/" onClick=${followLink}>${t("frame.create")}</a></div>`
      : html`<ul class="poll-list">${entries.map((entry) => html`<${PollRow} key=${entry.id} entry=${entry} poll=${polls[entry.id]} onChanged=${readAgain} />`)}</ul>`}
  </div>`;
}
