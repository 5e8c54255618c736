import { keepSetting, setting } from "../store.js";

/** Milliseconds for which a draft is kept while whoever made it signs in. */
const KEPT_FOR = 24 * 3_600_000;

/** Keeps what was typed until the poll can be made, also for another tab. */
export const keepDraft = (draft) => keepSetting("draft", { draft, at: Date.now() });
export const forgetDraft = () => keepSetting("draft", undefined);

/** @returns {PollDraft|undefined} the draft that waits for its maker to be signed in */
export function keptDraft() {
  const kept = setting("draft");
  if (kept && Date.now() - kept.at < KEPT_FOR) return kept.draft;
  if (kept) forgetDraft();
  return undefined;
}
