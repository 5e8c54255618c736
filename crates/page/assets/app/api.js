/** Milliseconds within which the platform has to answer, unless a request says another time. */
const REQUEST_DEADLINE = 10_000;

/** Why a request has no good answer. */
export class ApiFailure extends Error {
  /**
   * @param {number} status of the reply; 0 when there is none, as without a connection
   * @param {{loc: (string|number)[], msg: string, code: string}[]} detail what is wrong, as docs/errors.md has it
   * @param {number} retryAfter seconds after which it may be tried again; 0 when the reply does not say
   */
  constructor(status, detail, retryAfter = 0) {
    super(detail.map((fault) => fault.msg).join("; ") || `HTTP ${status}`);
    this.status = status;
    this.detail = detail;
    this.code = detail[0]?.code ?? "";
    this.retryAfter = retryAfter;
  }

  /** Whether the same request may succeed later: there was no connection, or too much to do. */
  get isTemporary() {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

/**
 * Asks the platform.
 * @param {string} method
 * @param {string} path with its prefix, such as `/users/polls`
 * @param {{body?: unknown, text?: string, type?: string, token?: string, headers?: Record<string, string>, raw?: boolean,
 *   deadline?: number}} options `body` is sent as JSON, `text` as it is with the content type `type`; `raw` gives the reply's text
 * @returns {Promise<{status: number, data: any, etag: string|null}>} of a 2xx or 304
 * @throws {ApiFailure}
 */
export async function request(method, path, { body, text, type, token, headers = {}, raw = false, deadline = REQUEST_DEADLINE } = {}) {
  const sent = { ...headers };
  if (body !== undefined) sent["Content-Type"] = "application/json";
  if (text !== undefined) sent["Content-Type"] = type;
  if (token) sent.Authorization = `Bearer ${token}`;
  let reply, content;
  try {
    const signal = AbortSignal.timeout(deadline);
    reply = await fetch(path, { method, headers: sent, body: body === undefined ? text : JSON.stringify(body), signal });
    content = await reply.text();
  } catch {
    throw new ApiFailure(0, []);
  }
  if (!reply.ok && reply.status !== 304) {
    throw new ApiFailure(reply.status, faultsOf(content), Number(reply.headers.get("Retry-After")) || 0);
  }
  const data = raw || content === "" ? content : JSON.parse(content);
  return { status: reply.status, data, etag: reply.headers.get("ETag") };
}

function faultsOf(content) {
  try {
    return JSON.parse(content).detail ?? [];
  } catch {
    return [];
  }
}

const pollPath = (id) => `/users/polls/${encodeURIComponent(id)}`;
const participantPath = (id, participant) => `${pollPath(id)}/participants/${encodeURIComponent(participant)}`;
export const dataOf = async (reply) => (await reply).data;

export const createPoll = (poll) => dataOf(request("POST", "/users/polls", { body: poll }));
export const readPoll = (id, token) => dataOf(request("GET", pollPath(id), { token }));
export const changePoll = (id, change, token) => dataOf(request("PATCH", pollPath(id), { body: change, token }));
export const deletePoll = (id, token) => dataOf(request("DELETE", pollPath(id), { token }));
export const restorePoll = (id, token) => dataOf(request("POST", `${pollPath(id)}/restore`, { token }));
export const duplicatePoll = (id, days, token) => dataOf(request("POST", `${pollPath(id)}/duplicate`, { body: days, token }));
/** Takes part; with the same `key`, which nobody can guess, the same request sent again is the same participant. */
export const joinPoll = (id, participant, key) =>
  dataOf(request("POST", `${pollPath(id)}/participants`, { body: participant, headers: { "Idempotency-Key": key } }));
export const inviteToPoll = (id, people, token) => dataOf(request("POST", `${pollPath(id)}/invitations`, { body: { people }, token }));
export const changeParticipant = (id, participant, change, token) =>
  dataOf(request("PATCH", participantPath(id, participant), { body: change, token }));
export const removeParticipant = (id, participant, token) => dataOf(request("DELETE", participantPath(id, participant), { token }));
export const declineProposal = (id, participant, token) => dataOf(request("DELETE", `${participantPath(id, participant)}/proposal`, { token }));
export const readAnswer = (id, participant, token) => request("GET", `${participantPath(id, participant)}/answer`, { token });
export const decidePoll = (id, decision, token) => dataOf(request("PUT", `${pollPath(id)}/decision`, { body: decision, token }));
export const takeDecisionBack = (id, token) => dataOf(request("DELETE", `${pollPath(id)}/decision`, { token }));
/** `week` is a date of the week for which a weekly poll is laid out. */
export const readPollGrid = (id, zone, week, token) =>
  dataOf(request("GET", `${pollPath(id)}/grid?time_zone=${encodeURIComponent(zone)}${week ? `&week=${week}` : ""}`, { token }));
export const exportPoll = (id, format, zone, token) =>
  dataOf(request("GET", `${pollPath(id)}/export.${format}?time_zone=${encodeURIComponent(zone)}`, { token, raw: true }));
export const readHeatMap = (id, week, token) =>
  dataOf(request("GET", `/availability/polls/${encodeURIComponent(id)}/heatmap${week ? `?first_week=${week}` : ""}`, { token }));
export const readSuggestions = (id, options, token) =>
  dataOf(request("POST", `/suggestion/polls/${encodeURIComponent(id)}/suggestions`, { body: options, token }));

/** Replaces an answer; with `etag` only if the poll still has that version, else it fails with the status 412. */
export const replaceAnswer = (id, participant, answer, token, etag) =>
  request("PUT", `${participantPath(id, participant)}/answer`, { body: answer, token, headers: etag ? { "If-Match": etag } : {} });

export const personPath = (email) => `/users/users/${encodeURIComponent(email)}`;
export const readSchedule = (email) => dataOf(request("GET", `${personPath(email)}/schedule`));
export const readFreeBusy = (email, from, to) => dataOf(request("GET", `${personPath(email)}/freebusy?${new URLSearchParams({ from, to })}`));

/** When the owner of an iCalendar file is busy; the platform keeps nothing of it. */
export const readCalendarFile = (text, from, to, zone) =>
  dataOf(request("POST", `/users/calendars/read?${new URLSearchParams({ from, to, time_zone: zone })}`, { text, type: "text/calendar" }));
