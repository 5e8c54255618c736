// What this browser remembers: the polls that were made or answered in it, with their tokens. It leaves the browser only
// as the token of a request about that poll.

const POLLS_KEY = "w2meet.polls";
const PENDING_KEY = "w2meet.pending.";
const SETTING_KEY = "w2meet.setting.";

/**
 * @typedef {{id: string, title: string, adminToken?: string, participant?: {id: string, token: string, name: string},
 *   updated: number}} RememberedPoll `updated` in milliseconds since 1970
 */

function readStored(key, otherwise) {
  try {
    return JSON.parse(localStorage.getItem(key)) ?? otherwise;
  } catch {
    return otherwise;
  }
}

// A browser may forbid to store anything; the page works without, but forgets.
function writeStored(key, value) {
  try {
    if (value === undefined) localStorage.removeItem(key);
    else localStorage.setItem(key, JSON.stringify(value));
    return true;
  } catch {
    return false;
  }
}

/** @returns {RememberedPoll[]} the last used first */
export function rememberedPolls() {
  return readStored(POLLS_KEY, []);
}

/** @returns {RememberedPoll|undefined} */
export function rememberedPoll(id) {
  return rememberedPolls().find((poll) => poll.id === id);
}

/** Remembers what is given of a poll, beside what is known of it already. */
export function rememberPoll(entry) {
  const known = { ...rememberedPoll(entry.id), ...entry, updated: Date.now() };
  return writeStored(POLLS_KEY, [known, ...rememberedPolls().filter((poll) => poll.id !== entry.id)]);
}

export function forgetPoll(id) {
  writeStored(POLLS_KEY, rememberedPolls().filter((poll) => poll.id !== id));
  Object.keys(localStorage).filter((key) => key.startsWith(`${PENDING_KEY}${id}.`)).forEach((key) => writeStored(key, undefined));
}

const pendingKey = (id, participantId) => `${PENDING_KEY}${id}.${participantId}`;

/** A participant's answer that the platform does not have yet, kept over reloads; undefined when there is none. */
export function pendingAnswer(id, participantId) {
  return readStored(pendingKey(id, participantId), undefined);
}

export function keepPendingAnswer(id, participantId, answer) {
  return writeStored(pendingKey(id, participantId), answer);
}

/** A setting of the page, such as `"language"`, or what somebody has said once, such as `"name"`. */
export function setting(name) {
  return readStored(SETTING_KEY + name, undefined);
}

export function keepSetting(name, value) {
  writeStored(SETTING_KEY + name, value);
}
