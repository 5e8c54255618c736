import { readAnswer, replaceAnswer } from "../api.js";
import { pendingAnswer, keepPendingAnswer } from "../store.js";

/** Milliseconds after the last change until it is sent, and until it is sent again where that failed for now. */
const PAUSE = 700;
const FIRST_RETRY_AFTER = 2_000;
const LONGEST_RETRY_AFTER = 30_000;

/** An answer as text that is equal exactly when the answer is, in whatever order its members come. */
function textOf({ ranges, time_zone: zone, weekly }) {
  if (ranges) return JSON.stringify(ranges.map(({ start, end, level }) => [start, end, level]));
  return JSON.stringify(weekly ? [zone, ...weekly.map(({ day, from, to, level }) => [day, from, to, level])] : null);
}

/**
 * Sends an answer whenever it changes, and keeps it in the browser until the platform has it. What somebody else has
 * stored meanwhile, by the edit link on another device, is never overwritten without asking.
 *
 * States: `saved`, `unsaved` (about to be sent), `saving`, `waiting` (no connection, or too much to do), `conflict`,
 * `refused`.
 */
export class AnswerSaver {
  /**
   * @param {{pollId: string, participant: {id: string, token: string}, onState: (state: string, failure?: ApiFailure) => void}} options
   */
  constructor({ pollId, participant, onState }) {
    this.pollId = pollId;
    this.participant = participant;
    this.onState = onState;
    this.wanted = undefined;
    this.base = undefined;
    this.etag = undefined;
    this.delay = FIRST_RETRY_AFTER;
    this.isSending = false;
    this.onOnline = () => this.send();
    addEventListener("online", this.onOnline);
  }

  /**
   * Reads what the platform has. What was kept in the browser from the last time goes before it, if it was a change to
   * just that; otherwise there is a conflict.
   * @returns {Promise<{answer: object, isOurs: boolean}>} the answer to show
   */
  async load() {
    const { data, etag } = await readAnswer(this.pollId, this.participant.id, this.participant.token);
    this.base = textOf(data);
    this.etag = etag;
    const kept = pendingAnswer(this.pollId, this.participant.id);
    if (kept === undefined || textOf(kept.answer) === this.base) {
      this.keep(undefined);
      this.onState(data.answered ? "saved" : "unanswered");
      return { answer: data, isOurs: false };
    }
    this.wanted = kept.answer;
    if (kept.base === this.base) this.send();
    else this.meetConflict(data);
    return { answer: kept.answer, isOurs: true };
  }

  keep(pending) {
    keepPendingAnswer(this.pollId, this.participant.id, pending);
  }

  /** Takes a change; it is sent soon. */
  change(answer) {
    this.wanted = answer;
    this.keep({ answer, base: this.base });
    if (this.theirs) return;
    this.onState("unsaved");
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.send(), PAUSE);
  }

  /** Takes a change after the platform itself has cut what it has, as when a poll asks about other times. */
  async startAgainWith(answer) {
    this.wanted = answer;
    const stored = await readAnswer(this.pollId, this.participant.id, this.participant.token).catch(() => null);
    if (stored) [this.base, this.etag] = [textOf(stored.data), stored.etag];
    this.change(this.wanted);
  }

  get isSaved() {
    return this.wanted === undefined;
  }

  /** Takes what an event says that the platform has, while nothing is unsaved; whether it is another answer than before. */
  takeOver(answer) {
    const text = textOf(answer);
    const isOther = text !== this.base;
    this.base = text;
    return isOther;
  }

  async send() {
    clearTimeout(this.timer);
    if (this.wanted === undefined || this.isSending || this.theirs) return;
    this.isSending = true;
    this.sending = this.sendWanted();
    await this.sending;
    if (this.needsSending) this.send();
  }

  async sendWanted() {
    const sent = this.wanted;
    this.onState("saving");
    try {
      const { data, etag } = await replaceAnswer(this.pollId, this.participant.id, sent, this.participant.token, this.etag);
      this.accept(sent, data, etag);
    } catch (failure) {
      await this.afterFailure(failure);
    } finally {
      this.isSending = false;
    }
  }

  /**
   * Has the platform answer from the participant's schedule instead of whatever was answered before.
   * @returns {Promise<object>} that answer
   */
  async answerFromSchedule() {
    clearTimeout(this.timer);
    this.wanted = undefined;
    await this.sending;
    const { data, etag } = await replaceAnswer(this.pollId, this.participant.id, { from_schedule: true }, this.participant.token);
    [this.base, this.etag, this.theirs] = [textOf(data), etag, undefined];
    this.keep(undefined);
    this.onState("saved");
    return data;
  }

  accept(sent, stored, etag) {
    this.base = textOf(stored);
    this.etag = etag;
    this.delay = FIRST_RETRY_AFTER;
    this.needsSending = this.wanted !== sent;
    if (this.needsSending) {
      this.keep({ answer: this.wanted, base: this.base });
    } else {
      this.wanted = undefined;
      this.keep(undefined);
      this.onState("saved");
    }
  }

  async afterFailure(failure) {
    this.needsSending = false;
    if (failure.status === 412) {
      // The poll has changed: mostly because others have answered, and then ours still fits.
      try {
        const { data, etag } = await readAnswer(this.pollId, this.participant.id, this.participant.token);
        this.etag = etag;
        // Or another tab of this browser has sent the same.
        if (textOf(data) === textOf(this.wanted)) this.accept(this.wanted, data, etag);
        else if (textOf(data) === this.base) this.needsSending = true;
        else this.meetConflict(data);
        return;
      } catch (second) {
        failure = second;
      }
    }
    if (!failure.isTemporary) {
      this.onState("refused", failure);
      return;
    }
    this.onState("waiting", failure);
    this.timer = setTimeout(() => this.send(), Math.max(this.delay, failure.retryAfter * 1000));
    this.delay = Math.min(this.delay * 2, LONGEST_RETRY_AFTER);
  }

  meetConflict(theirs) {
    this.theirs = theirs;
    this.onState("conflict");
  }

  /** Ends a conflict with what this browser has. */
  keepOurs() {
    this.base = textOf(this.theirs);
    this.theirs = undefined;
    this.send();
  }

  /** Ends a conflict with what the platform has. @returns {object} that answer */
  takeTheirs() {
    const theirs = this.theirs;
    this.base = textOf(theirs);
    this.theirs = undefined;
    this.wanted = undefined;
    this.keep(undefined);
    this.onState("saved");
    return theirs;
  }

  stop() {
    clearTimeout(this.timer);
    removeEventListener("online", this.onOnline);
  }
}
