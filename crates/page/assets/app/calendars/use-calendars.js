import { useEffect, useRef, useState } from "../preact.js";
import { readCalendars } from "./requests.js";

/** Milliseconds until the list is read again while a calendar waits to be fetched for the first time; each pause is longer. */
const FIRST_PAUSE = 1_000;
const LONGEST_PAUSE = 15_000;

/**
 * A person's calendars, read again when the connection comes back, when somebody returns to the page, and while one of them
 * waits to be fetched. What is known stays when it cannot be read again for now.
 * @param {string} email
 * @param {(calendar: object) => void} onFetched gets a calendar that was fetched for the first time, or could not be
 * @returns {{calendars?: object[], refusal?: number, failure?: ApiFailure, readAgain: () => Promise<void>}}
 *   `refusal` is the status with which the platform has refused to give them
 */
export function useCalendars(email, onFetched) {
  const [known, setKnown] = useState({});
  const reading = useRef({ number: 0, waiting: [] });
  const read = async (pause) => {
    const state = reading.current;
    const number = ++state.number;
    clearTimeout(state.timer);
    const [calendars, failure] = await readCalendars(email).then((found) => [found], (failed) => [undefined, failed]);
    // Another reading has begun since, or nobody looks any more.
    if (number !== state.number) return;
    if (calendars) {
      setKnown({ calendars });
      calendars.filter((calendar) => calendar.state !== "waiting" && state.waiting.includes(calendar.name)).forEach(onFetched);
      state.waiting = calendars.filter((calendar) => calendar.state === "waiting").map((calendar) => calendar.name);
    } else if (failure.isTemporary) {
      setKnown((before) => ({ ...before, failure }));
    } else {
      setKnown({ failure, refusal: failure.status });
      state.waiting = [];
    }
    if (state.waiting.length > 0 && !document.hidden) {
      state.timer = setTimeout(() => read(Math.min(pause * 1.5, LONGEST_PAUSE)), pause);
    }
  };
  const readAgain = () => read(FIRST_PAUSE);
  useEffect(() => {
    const onReturn = () => document.hidden || readAgain();
    readAgain();
    addEventListener("online", readAgain);
    document.addEventListener("visibilitychange", onReturn);
    return () => {
      clearTimeout(reading.current.timer);
      reading.current.number = -1;
      removeEventListener("online", readAgain);
      document.removeEventListener("visibilitychange", onReturn);
    };
  }, []);
  return { ...known, readAgain };
}
