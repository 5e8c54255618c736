import { useState, useEffect, useRef, useCallback } from "../preact.js";
import { readPoll, readPollGrid, readHeatMap, readSuggestions } from "../api.js";
import { layoutOfPollGrid } from "../grid/layout.js";
import { heatOf } from "../grid/levels.js";
import { followPoll } from "./live.js";
import { heatAfter, pollAfter } from "./heat-changes.js";

/** Milliseconds from a change until windows are asked for anew, at least and at most: a hundred tabs do not ask at once. */
const RANKING_PAUSE = [300, 1_200];

/** Milliseconds until a poll that cannot be read for now is read again. */
const RELOAD_PAUSE = 5_000;

const DAY = 86_400_000;

/** The Monday of the next week: a weekly poll is drawn in a real week. */
function nextMonday() {
  const today = new Date();
  const untilMonday = 7 - ((today.getUTCDay() + 6) % 7);
  return new Date(today.getTime() + untilMonday * DAY).toISOString().slice(0, 10);
}

const settle = (promise) => promise.then((value) => ({ value }), (failure) => ({ failure }));

/**
 * Everything that is shown of a poll, and kept up to date as long as it is shown.
 * @param {string} id
 * @param {{token?: string, zone: string, options: object, onAnswer: (participantId: string, answer: object) => void}} asked
 *   `zone` of the grid; `options` of the ranking; `onAnswer` hears what others have answered
 * @returns {{poll?, layout?, heat?, heatFailure?, suggestions?, suggestionsFailure?, failure?, isGone: boolean, isLive: boolean, reload: () => void, setPoll: (poll) => void}}
 */
export function usePollData(id, { token, zone, options, onAnswer }) {
  const [data, setData] = useState({ isGone: false, isLive: false });
  const [revision, setRevision] = useState(0);
  const reload = useCallback(() => setRevision((count) => count + 1), []);
  const latest = useRef();
  latest.current = { data, onAnswer, options };
  const ranking = useRef({});
  const laidOut = useRef({});
  const change = (part) => setData((known) => ({ ...known, ...part }));

  const rank = useCallback(async () => {
    const asked = {};
    ranking.current.asked = asked;
    const { value, failure } = await settle(readSuggestions(id, latest.current.options, token));
    // Only the last question counts.
    if (ranking.current.asked === asked) change({ suggestions: value ?? latest.current.data.suggestions, suggestionsFailure: failure });
  }, [id, token]);
  const rankSoon = () => {
    clearTimeout(ranking.current.timer);
    const [least, most] = RANKING_PAUSE;
    ranking.current.timer = setTimeout(rank, least + Math.random() * (most - least));
  };

  const optionsText = JSON.stringify(options);
  useEffect(() => {
    if (latest.current.data.poll) rank();
  }, [optionsText]);

  useEffect(() => {
    let isCurrent = true;
    let stop;
    let readHeat;
    let again;
    const load = async () => {
      const poll = await readPoll(id, token);
      const isWeekly = poll.kind === "weekly";
      const week = isWeekly ? nextMonday() : undefined;
      const read = (shownZone) => readPollGrid(id, shownZone, week, token);
      // A browser may know a zone that the platform does not.
      const grid = await read(zone).catch((failure) => (failure.status === 400 ? read(poll.time_zone) : Promise.reject(failure)));
      if (!isCurrent) return;
      // The same times are the same layout: a grid that is drawn anew would lose what is being painted.
      const gridText = JSON.stringify({ ...grid, version: 0 });
      const layout = gridText === laidOut.current.gridText ? laidOut.current.layout : layoutOfPollGrid(grid, { weekly: isWeekly });
      laidOut.current = { gridText, layout };
      change({ poll, layout, failure: undefined, isGone: false });
      rank();
      readHeat = async () => {
        const { value, failure } = await settle(readHeatMap(id, week, token));
        if (isCurrent) change({ heat: value && heatOf(value, layout), heatFailure: failure });
      };
      await readHeat();
      if (!isCurrent) return;
      stop = followPoll(id, { token, version: poll.version, onEvent, onConnected: (isLive) => change({ isLive }) });
    };
    const onEvent = (name, event) => {
      if (name === "gone") change({ isGone: true });
      if (name === "reset") reload();
      if (name !== "change") return;
      const { poll, heat, layout } = latest.current.data;
      const next = { poll: pollAfter(poll, event) };
      if (event.participants && heat?.people) next.heat = heatAfter(heat, event, layout);
      else readHeat();
      change(next);
      // An event may follow before the page is drawn anew.
      latest.current.data = { ...latest.current.data, ...next };
      event.participants?.filter((person) => person.answered).forEach((person) => latest.current.onAnswer(person.id, person));
      rankSoon();
    };
    load().catch((failure) => {
      if (!isCurrent) return;
      change({ failure, isGone: failure.status === 404 });
      if (failure.isTemporary) again = setTimeout(reload, RELOAD_PAUSE);
    });
    return () => {
      isCurrent = false;
      stop?.();
      clearTimeout(ranking.current.timer);
      clearTimeout(again);
    };
  }, [id, token, zone, revision]);

  return { ...data, reload, setPoll: (poll) => change({ poll }) };
}
