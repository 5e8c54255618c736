// What the organiser does with a whole poll, from its screen and from the list of polls.
import { t } from "../i18n.js";
import { changePoll, deletePoll, exportPoll, restorePoll } from "../api.js";
import { forgetPoll, rememberPoll } from "../store.js";
import { askToConfirm, showToast } from "../dialogs.js";
import { downloadText, fileNameOf } from "../download.js";
import { textOfFailure } from "../faults.js";

const EXPORT_TYPES = { csv: "text/csv", json: "application/json" };

/** Hands the reader the answers as a file; `format` is csv or json. */
export async function downloadExport(poll, format, zone, adminToken) {
  try {
    const text = await exportPoll(poll.id, format, zone, adminToken);
    // Spreadsheets take a file without this mark for one in an old encoding.
    downloadText(`${fileNameOf(poll.title)}.${format}`, EXPORT_TYPES[format], format === "csv" ? `\ufeff${text}` : text);
  } catch (failure) {
    showToast(textOfFailure(failure));
  }
}

/**
 * Deletes a poll after asking, and offers to restore it.
 * @param {{id: string, title: string}} poll
 * @param {string} adminToken
 * @param {{onDeleted: () => void, onRestored: () => void}} then
 */
export async function deleteAfterAsking(poll, adminToken, { onDeleted, onRestored }) {
  const question = { title: t("organiser.deleteTitle"), text: t("organiser.deleteText"), confirm: t("organiser.delete"), isDangerous: true };
  if (!(await askToConfirm(question))) return;
  try {
    await deletePoll(poll.id, adminToken);
  } catch (failure) {
    return showToast(textOfFailure(failure));
  }
  // Remembered, so that it can still be restored when the toast is gone.
  rememberPoll({ id: poll.id, title: poll.title, adminToken });
  onDeleted();
  showToast(t("organiser.deleted"), { label: t("dialog.undo"), run: () => restoreDeleted(poll, adminToken, onRestored) });
}

/** Restores a poll that was deleted within seven days. */
export async function restoreDeleted(poll, adminToken, onRestored) {
  try {
    await restorePoll(poll.id, adminToken);
    showToast(t("organiser.restored"));
    onRestored();
  } catch (failure) {
    showToast(textOfFailure(failure));
  }
}

/** Takes a poll out of what this browser remembers, after asking where that loses the only token. */
export async function forgetAfterAsking(poll, onForgotten) {
  const question = { title: t("organiser.forgetTitle"), text: t(poll.adminToken ? "organiser.forgetOwn" : "organiser.forgetText"), confirm: t("organiser.forget"), isDangerous: true };
  if (!(await askToConfirm(question))) return;
  forgetPoll(poll.id);
  onForgotten();
}

/** Closes a poll now, or opens it again without a deadline; gives the poll as it is then, null when that failed. */
export async function closeOrReopen(poll, adminToken) {
  const deadline = poll.state === "closed" ? null : new Date().toISOString();
  try {
    const changed = await changePoll(poll.id, { deadline }, adminToken);
    showToast(t(deadline ? "organiser.closed" : "organiser.reopened"));
    return changed;
  } catch (failure) {
    showToast(textOfFailure(failure));
    return null;
  }
}
