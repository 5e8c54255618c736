import { bidiIsolated, t } from "../i18n.js";
import { decidePoll, declineProposal, readPoll, takeDecisionBack } from "../api.js";
import { askToConfirm, showToast } from "../dialogs.js";
import { textOfFailure } from "../faults.js";
import { listOfPeople, namesOfPoll, textsOfWindow } from "./words.js";

function tellRefusal(failure) {
  showToast(textOfFailure(failure));
  return null;
}

/**
 * Decides for a window after asking, and asks again where somebody who has to come is at another meeting then.
 * @returns {Promise<object|null>} the poll as it is then; null when it was not decided
 */
export async function decideAfterAsking(poll, window, zone, adminToken) {
  const { day, time } = textsOfWindow(window, zone, false);
  const question = { title: t("windows.confirm.title", { day, time }), confirm: t("windows.decide") };
  const text = poll.kind === "weekly" ? t("windows.confirm.weekly") : t("windows.confirm.text");
  if (!(await askToConfirm({ ...question, text }))) return null;
  const decision = { start: window.start, end: window.end };
  try {
    return await decidePoll(poll.id, decision, adminToken);
  } catch (failure) {
    if (failure.code !== "participant_busy") return tellRefusal(failure);
    const busy = failure.detail.filter((fault) => fault.code === "participant_busy").map((fault) => fault.loc[1]);
    const names = listOfPeople(busy, namesOfPoll(poll));
    const again = { title: t("windows.confirm.busyTitle"), text: t("windows.confirm.busy", { names, n: busy.length }), confirm: t("windows.confirm.anyway") };
    if (!(await askToConfirm(again))) return null;
  }
  return decidePoll(poll.id, { ...decision, force: true }, adminToken).catch(tellRefusal);
}

/** Does something after asking; the poll as it is then, null when nothing was done. */
async function doAfterAsking(poll, adminToken, question, act) {
  if (!(await askToConfirm(question))) return null;
  try {
    await act();
    return await readPoll(poll.id, adminToken);
  } catch (failure) {
    return tellRefusal(failure);
  }
}

/**
 * Takes a decision back after asking.
 * @returns {Promise<object|null>} the poll as it is then; null when it is still decided
 */
export const takeBackAfterAsking = (poll, adminToken) => doAfterAsking(poll, adminToken,
  { title: t("windows.confirm.backTitle"), text: t("windows.confirm.back"), confirm: t("windows.takeBack") },
  () => takeDecisionBack(poll.id, adminToken));

/**
 * Declines the time that a participant's calendar proposes, after asking; the calendar is told.
 * @returns {Promise<object|null>} the poll as it is then; null when the proposal stays
 */
export const declineAfterAsking = (poll, person, adminToken) => doAfterAsking(poll, adminToken,
  { title: t("replies.confirmTitle", { name: bidiIsolated(person.name) }), text: t("replies.confirm"), confirm: t("replies.decline") },
  () => declineProposal(poll.id, person.id, adminToken));
