import { html, useState, useEffect, useRef } from "../preact.js";
import { t } from "../i18n.js";
import { readCalendarFile } from "../api.js";
import { textOfFailure } from "../faults.js";
import { showToast } from "../dialogs.js";
import { LinkField } from "../link-field.js";
import { AnswerPanel } from "../grid/answer-panel.js";
import { hintsOf, isSameTimes } from "../grid/levels.js";
import { AnswerSaver } from "./answer-saver.js";
import { answerOfEvent, answerOfLevels, levelsOfAnswer } from "./answer-values.js";
import { ConflictNotice } from "./conflict-notice.js";
import { SaveState } from "./save-state.js";
import { ScheduleForm } from "./schedule-form.js";
import { answeredPolls, levelsOfEarlierPoll } from "./prefill.js";
import { editLink } from "./identity.js";

/** Milliseconds until an answer that could not be read is read again; until then nothing is painted over it. */
const LOAD_PAUSE = 3_000;

/**
 * The answer of whoever sits in front of the page: painted, saved by itself, kept when there is no connection.
 * @param {{poll: object, layout: object, participant: object, remote: {current: Function|null}, onLost: (failure) => void}} props
 *   `remote.current` is called with what events say of this answer; `onLost` when the token is none of this poll
 */
export function AnswerSection({ poll, layout, participant, remote, onLost, shared }) {
  const [shown, setShown] = useState({ levels: new Uint8Array(layout.cells.length), revision: 0, isLoaded: false });
  const [saving, setSaving] = useState({ state: "loading" });
  const [hints, setHints] = useState(null);
  const [conflicts, setConflicts] = useState(null);
  const saver = useRef(null);
  const reload = useRef(null);
  const painted = useRef(layout);
  const current = useRef();
  current.current = { layout };
  const show = (levels) => setShown((known) => ({ levels, revision: known.revision + 1, isLoaded: true }));
  const showAnswer = (answer) => show(levelsOfAnswer(answer, current.current.layout));
  // Set from outside, levels are a change like any other, which the grid tells nobody of.
  const fillIn = (levels) => (show(levels), saver.current.change(answerOfLevels(levels, layout)));

  useEffect(() => {
    const onState = (state, failure) => {
      setSaving({ state, failure });
      // What is painted is another answer.
      if (state === "saving") setConflicts(null);
    };
    const made = new AnswerSaver({ pollId: poll.id, participant, onState });
    saver.current = made;
    let again;
    const load = () => made.load().then(({ answer }) => (showAnswer(answer), setConflicts(answer.conflicts)), (failure) => {
      if (failure.status === 401 || failure.status === 404) onLost(failure);
      else again = setTimeout(load, LOAD_PAUSE);
    });
    load();
    reload.current = load;
    remote.current = (told) => {
      const answer = answerOfEvent(told);
      if (!made.isSaved) return;
      setConflicts(answer.conflicts);
      if (made.takeOver(answer)) showAnswer(answer);
    };
    return () => (clearTimeout(again), made.stop(), (remote.current = null));
  }, [poll.id, participant.id, participant.token]);

  useEffect(() => {
    const before = painted.current;
    painted.current = layout;
    if (isSameTimes(before, layout)) return;
    // The poll asks about other times, and what was answered is cut to them.
    setHints(null);
    const { wanted } = saver.current;
    if (wanted) saver.current.startAgainWith(answerOfLevels(levelsOfAnswer(wanted, layout), layout));
    else reload.current();
  }, [layout]);

  const isOpen = poll.state === "open";
  const change = (levels) => saver.current.change(answerOfLevels(levels, layout));
  const readCalendar = async (file) => {
    const [from, to] = [layout.cells[0].start, layout.cells.at(-1).end].map((at) => new Date(at).toISOString());
    try {
      const { busy, problems } = await readCalendarFile(await file.text(), from, to, layout.zone);
      setHints(hintsOf(busy, layout));
      showToast(t("answer.calendarRead", { n: busy.length }) + (problems.length ? ` ${t("answer.calendarProblems", { n: problems.length })}` : ""));
    } catch (failure) {
      showToast(failure.status === 400 ? t("answer.noCalendar") : textOfFailure(failure));
    }
  };
  const fillFromPoll = async (id) => {
    try {
      fillIn(await levelsOfEarlierPoll(answeredPolls(poll.id).find((earlier) => earlier.id === id), layout));
    } catch (failure) {
      showToast(textOfFailure(failure));
    }
  };
  const answerFromSchedule = async () => {
    const answer = await saver.current.answerFromSchedule();
    showAnswer(answer);
    setConflicts(answer.conflicts);
  };
  const answerAnew = () => answerFromSchedule().catch((failure) => showToast(textOfFailure(failure)));
  const fillFromSchedule = async ({ levels, hints: busy, isOwn }) => {
    setHints(busy);
    // Whoever takes part under another address gets the times of this one, and is told of no conflict.
    await (isOwn ? answerFromSchedule().catch(() => fillIn(levels)) : fillIn(levels));
  };
  return html`
    <section class="answer-section" aria-labelledby="answer-heading">
      <div class="row answer-head">
        <h2 id="answer-heading">${t("answer.heading", { name: participant.name || t("answer.you") })}</h2>
        <${SaveState} ...${saving} onRetry=${() => saver.current.send()} onKeepOurs=${() => saver.current.keepOurs()}
          onTakeTheirs=${() => showAnswer(saver.current.takeTheirs())} />
      </div>
      ${isOpen && conflicts && html`<${ConflictNotice} conflicts=${conflicts} poll=${poll} zone=${layout.zone} onAnswerAnew=${answerAnew} />`}
      <${AnswerPanel} layout=${layout} levels=${shown.levels} revision=${shown.revision} hints=${hints} onChange=${change}
        onReadCalendar=${layout.isWeekly ? undefined : readCalendar} usualWeeks=${answeredPolls(poll.id)} onUsualWeek=${fillFromPoll}
        readOnly=${!isOpen || !shown.isLoaded} ...${shared} />
      ${isOpen && html`<${ScheduleForm} layout=${layout} onFill=${fillFromSchedule} />`}
      <details class="no-print">
        <summary>${t("answer.otherDevice")}</summary>
        <${LinkField} id="edit-link" label=${t("answer.editLink")} link=${editLink(poll.id, participant)} hint=${t("answer.editLinkHint")} />
      </details>
    </section>`;
}
