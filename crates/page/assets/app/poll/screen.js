import { html, useState, useEffect, useRef } from "../preact.js";
import { t, browserZone } from "../i18n.js";
import { rememberPoll, setting, keepSetting } from "../store.js";
import { announce } from "../announce.js";
import { textOfFailure } from "../faults.js";
import { followLink } from "../navigate.js";
import { NotLoaded, useLazyModule } from "../lazy-module.js";
import { adoptIdentity, readingToken } from "./identity.js";
import { usePollData } from "./poll-data.js";
import { PollHeader, ZoneChoice } from "./header.js";
import { JoinForm } from "./join-form.js";

const TABS = ["answer", "group"];

/** A poll: to answer, to see when everybody can, to decide. */
export function PollScreen({ id }) {
  const [identity, setIdentity] = useState(() => adoptIdentity(id));
  const [zone, setZone] = useState(() => setting(`zone.${id}`) ?? browserZone());
  const [options, setOptions] = useState({});
  const [chosenTab, setTab] = useState(null);
  const [outlined, setOutlined] = useState(null);
  const [lost, setLost] = useState(false);
  // Both grids show the same week, in rows of the same length.
  const [week, onWeek] = useState(0);
  const [minutes, onMinutes] = useState();
  const shared = { week, onWeek, minutes, onMinutes };
  const sharedWithAnswer = useRef(shared);
  const remote = useRef(null);
  const startsNew = useRef(null);
  const onAnswer = (participantId, answer) => {
    if (participantId === identity.participant?.id) remote.current?.(answer);
    else announce(t("poll.hasAnswered", { name: answer.name }));
  };
  const data = usePollData(id, { token: readingToken(identity), zone, options, onAnswer });
  const { poll, layout } = data;
  // Who is new here sees the poll first; who knows it already needs the rest at once.
  const isNeeded = layout || identity.participant || identity.adminToken;
  const { module: sections, hasFailed } = useLazyModule(isNeeded && "poll-sections.js");
  // Whoever comes too late to answer wants to see what came of it.
  const tab = chosenTab ?? (poll?.state === "open" || identity.participant ? "answer" : "group");

  useEffect(() => {
    if (!poll) return;
    document.title = poll.title;
    if (identity.adminToken || identity.participant) rememberPoll({ id, title: poll.title, state: poll.state });
    const me = poll.participants?.find((person) => person.id === identity.participant?.id);
    if (me && me.name !== identity.participant.name) takeIdentity({ participant: { ...identity.participant, name: me.name } });
  }, [poll?.title, poll?.state, identity.participant?.id]);
  useEffect(() => {
    if (poll?.participants_total > 1 && poll.answered === poll.participants_total) announce(t("poll.everybody"));
  }, [poll?.answered === poll?.participants_total]);

  const takeIdentity = (part) => {
    rememberPoll({ id, title: poll.title, ...part });
    setIdentity((known) => ({ ...known, ...part }));
  };
  const loseParticipant = () => (setLost(true), takeIdentity({ participant: undefined }));
  const chooseZone = (chosen) => (keepSetting(`zone.${id}`, chosen), setZone(chosen));
  const outline = (window) => {
    setOutlined(window);
    if (window) setTab("group");
  };
  const takeChanged = (changed) => changed && (data.setPoll(changed), data.reload());
  const decide = async (window) => takeChanged(await sections.decideAfterAsking(poll, window, zone, identity.adminToken));
  const decline = async (person) => takeChanged(await sections.declineAfterAsking(poll, person, identity.adminToken));
  const takeBack = async () => takeChanged(await sections.takeBackAfterAsking(poll, identity.adminToken));

  if (data.isGone) return html`<${GonePoll} />`;
  // What is shown already stays when it cannot be read again for now.
  if (data.failure && (!poll || !data.failure.isTemporary)) return html`<${FailedPoll} failure=${data.failure} identity=${identity} onRetry=${data.reload} onForget=${() => (setIdentity({}), rememberPoll({ id, adminToken: undefined, participant: undefined }))} />`;
  if (hasFailed) return html`<${NotLoaded} />`;
  const isOrganiser = Boolean(identity.adminToken);
  if (!layout || (isOrganiser && !sections)) return html`<div class="poll-loading" key="loading" aria-busy="true"><p>${t("poll.loading")}</p></div>`;
  // Whoever has just made a poll wants to share it first of all; it stays there while they look at the poll.
  startsNew.current ??= isOrganiser && poll.state === "open" && poll.participants_total === 0;
  const isNew = startsNew.current;
  // A grid that is hidden turns no pages.
  if (tab === "answer") sharedWithAnswer.current = shared;
  const onItsWay = html`<div class="card loading-block" aria-busy="true">${t("poll.loading")}</div>`;
  const share = sections && html`<${sections.SharePanel} key="share" poll=${poll} adminToken=${identity.adminToken} isNew=${isNew} />`;
  return html`
    <${PollHeader} poll=${poll} zone=${zone} isLive=${data.isLive}>
      <${ZoneChoice} poll=${poll} zone=${zone} at=${layout.cells[0].start} onZone=${chooseZone} />
    <//>
    ${lost && html`<p class="banner banner-danger" role="alert">${t("poll.wrongLink")}</p>`}
    ${isNew && share}
    <div class="poll-columns" key="columns">
      <div class="poll-main">
        <div class="tabs no-print" role="tablist" aria-label=${t("poll.views")}>
          ${TABS.map((name) => html`<button type="button" role="tab" id=${`tab-${name}`} aria-controls=${`panel-${name}`} aria-selected=${tab === name}
            tabindex=${tab === name ? 0 : -1} onClick=${() => setTab(name)} onKeyDown=${(event) => moveTab(event, tab, setTab)}>${t(`poll.tabs.${name}`)}</button>`)}
        </div>
        <div role="tabpanel" id="panel-answer" aria-labelledby="tab-answer" hidden=${tab !== "answer"}>
          ${identity.participant
            ? sections ? html`<${sections.AnswerSection} poll=${poll} layout=${layout} participant=${identity.participant} remote=${remote} onLost=${loseParticipant} shared=${sharedWithAnswer.current} />` : onItsWay
            : poll.state === "open"
              ? html`<${JoinForm} poll=${poll} onJoined=${(participant) => (setLost(false), takeIdentity({ participant }))} />`
              : html`<p class="card">${t("answer.tooLate")}</p>`}
        </div>
        <div role="tabpanel" id="panel-group" aria-labelledby="tab-group" hidden=${tab !== "group"}>
          ${tab === "group" && (!sections ? onItsWay : html`<${sections.GroupSection} poll=${poll} layout=${layout} heat=${data.heat} failure=${data.heatFailure} outlined=${outlined}
            adminToken=${identity.adminToken} onChanged=${data.reload} shared=${shared} />`)}
        </div>
      </div>
      <aside class="poll-aside">
        ${sections ? html`<${sections.WindowsPanel} poll=${poll} suggestions=${data.suggestions ?? null} failure=${data.suggestionsFailure} zone=${zone} options=${options} onOptions=${setOptions}
          onOutline=${outline} ...${isOrganiser && { onDecide: decide, onTakeBack: takeBack, onDecline: decline }} onRetry=${data.reload} />`
          : html`<section class="card windows-panel" aria-busy="true"><h2>${t("windows.heading")}</h2></section>`}
        ${!isNew && share}
        ${isOrganiser && html`<${sections.OrganiserPanel} poll=${poll} adminToken=${identity.adminToken} onChanged=${takeChanged} />`}
      </aside>
    </div>`;
}

function moveTab(event, tab, setTab) {
  if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
  const other = TABS.find((name) => name !== tab);
  setTab(other);
  document.getElementById(`tab-${other}`).focus();
}

/** What is remembered of it stays: its organiser may restore it, from the list of their polls. */
function GonePoll() {
  return html`<section class="card"><h1>${t("poll.gone")}</h1><p>${t("poll.goneHint")}</p><a class="button primary" href="/" onClick=${followLink}>${t("frame.create")}</a> <a class="button" href="/polls" onClick=${followLink}>${t("frame.myPolls")}</a></section>`;
}

/** A token that is none of the poll hides all of it, so it can be left out. */
function FailedPoll({ failure, onRetry, onForget }) {
  const isToken = failure.status === 401;
  return html`
    <section class="card" role="alert">
      <h1>${t(isToken ? "poll.wrongLink" : "poll.failed")}</h1>
      <p>${isToken ? t("poll.wrongLinkHint") : textOfFailure(failure)}</p>
      <button type="button" class="primary" onClick=${isToken ? onForget : onRetry}>${t(isToken ? "poll.withoutLink" : "poll.retry")}</button>
    </section>`;
}
