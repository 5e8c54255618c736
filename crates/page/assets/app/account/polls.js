import { html, useEffect, useState } from "../preact.js";
import { t } from "../i18n.js";
import { askToConfirm, showToast } from "../dialogs.js";
import { textOfFailure } from "../faults.js";
import { followLink, navigate } from "../navigate.js";
import { rememberPoll, rememberedPoll, rememberedPolls } from "../store.js";
import { openPoll, readPolls, removePoll, takePollsOver } from "./requests.js";

/** Most polls that the platform takes over at a time. */
const AT_ONCE = 100;
const pagePath = (id) => `/p/${encodeURIComponent(id)}`;

/** What this browser has of polls that the account does not have: each with a token. */
function tokensBeyond(polls) {
  const known = new Map(polls.map((poll) => [poll.id, poll]));
  return rememberedPolls().flatMap(({ id, adminToken, participant }) => [
    ...(adminToken && !known.get(id)?.organiser ? [{ id, token: adminToken }] : []),
    ...(participant && !known.get(id)?.participants.some((own) => own.id === participant.id) ? [{ id, token: participant.token }] : []),
  ]);
}

/** The polls of the account, and those of this browser that it can take over. */
export function AccountPolls() {
  const [polls, setPolls] = useState(null);
  const [isTaking, setIsTaking] = useState(false);
  // Of those that were refused nothing is asked again.
  const [refused, setRefused] = useState([]);
  const read = () => readPolls().then(setPolls, (failure) => showToast(textOfFailure(failure)));
  useEffect(() => void read(), []);
  if (!polls) return null;
  const left = tokensBeyond(polls).filter(({ token }) => !refused.includes(token));
  const takeOver = async () => {
    if (isTaking) return;
    setIsTaking(true);
    try {
      const sent = left.slice(0, AT_ONCE);
      const { taken, refused: ids } = await takePollsOver(sent);
      setRefused((before) => [...before, ...sent.filter(({ id }) => ids.includes(id)).map(({ token }) => token)]);
      await read();
      showToast(t("account.polls.taken", { n: taken.length }));
    } catch (failure) {
      showToast(textOfFailure(failure));
    }
    setIsTaking(false);
  };
  return html`<section class="calendars-of" aria-labelledby="account-polls-heading">
    <h2 id="account-polls-heading">${t("account.polls.heading")}</h2>
    ${left.length > 0 && html`<div class="card">
      <p>${t("account.polls.left", { n: new Set(left.map(({ id }) => id)).size })}</p>
      <button type="button" class="primary" aria-disabled=${isTaking ? "true" : undefined} onClick=${takeOver}>${t("account.polls.take")}</button>
    </div>`}
    ${polls.length === 0
      ? html`<p class="soft">${t("account.polls.none")}</p>`
      : html`<ul class="poll-list">${polls.map((poll) => html`<${PollOfAccount} key=${poll.id} poll=${poll} onRemoved=${read} />`)}</ul>`}
  </section>`;
}

/** Whether this browser has all that the account has of a poll: one participant is as many as it remembers. */
function isRememberedHere({ id, organiser, participants }) {
  const own = rememberedPoll(id);
  return Boolean(own && (!organiser || own.adminToken) && (participants.length === 0 || own.participant));
}

function PollOfAccount({ poll, onRemoved }) {
  const open = async (event) => {
    if (isRememberedHere(poll)) return followLink(event);
    event.preventDefault();
    try {
      const { id, title, admin_token: adminToken, participants } = await openPoll(poll.id);
      const known = rememberedPoll(id);
      const [first] = participants;
      rememberPoll({ id, title, ...(adminToken && !known?.adminToken && { adminToken }),
        ...(first && !known?.participant && { participant: { id: first.id, token: first.edit_token, name: first.name } }) });
      navigate(pagePath(id));
    } catch (failure) {
      showToast(textOfFailure(failure));
    }
  };
  const remove = async () => {
    const question = { title: t("account.polls.removeTitle"), text: t("account.polls.removeText"), confirm: t("account.polls.remove") };
    if (!(await askToConfirm(question))) return;
    await removePoll(poll.id).catch((failure) => showToast(textOfFailure(failure)));
    onRemoved();
  };
  const names = poll.participants.map(({ name }) => html` · <bdi>${name}</bdi>`);
  return html`<li class="card calendar-row">
    <div class="calendar-facts">
      <h3><a href=${pagePath(poll.id)} dir="auto" onClick=${open}>${poll.title}</a></h3>
      <p class="soft">${t(`myPolls.roles.${poll.organiser ? "created" : "answered"}`)}${names}</p>
    </div>
    <button type="button" aria-label=${`${t("account.polls.remove")}: ${poll.title}`} onClick=${remove}>${t("account.polls.remove")}</button>
  </li>`;
}
