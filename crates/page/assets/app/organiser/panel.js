import { html, useState } from "../preact.js";
import { t } from "../i18n.js";
import { followLink, navigate } from "../navigate.js";
import { PollEditDialog } from "./edit-form.js";
import { InviteForm } from "./invite-form.js";
import { closeOrReopen, deleteAfterAsking, downloadExport } from "./actions.js";

/**
 * What only the organiser sees: change, close, duplicate, export and delete the poll.
 * @param {{poll: object, adminToken: string, zone?: string, onChanged: (poll: object) => void, onDeleted?: () => void,
 *   onRestored?: () => void}} props `zone` is that of the exported times; without the last two, the list of polls is gone to
 *   after deleting, and back to the poll after restoring
 */
export function OrganiserPanel({ poll, adminToken, zone = poll.time_zone, onChanged, onDeleted, onRestored }) {
  const [isEditing, setIsEditing] = useState(false);
  const toggleClosed = async () => {
    const changed = await closeOrReopen(poll, adminToken);
    if (changed) onChanged(changed);
  };
  const remove = () => deleteAfterAsking(poll, adminToken, {
    onDeleted: onDeleted ?? (() => navigate("/polls")),
    onRestored: onRestored ?? (() => navigate(`/p/${poll.id}`)),
  });
  const like = `/?like=${encodeURIComponent(poll.id)}`;
  return html`<section class="card organiser-panel no-print" aria-labelledby="organiser-heading">
    <h2 id="organiser-heading">${t("organiser.heading")}</h2>
    ${isEditing && html`<${PollEditDialog} poll=${poll} adminToken=${adminToken} onChanged=${onChanged} onEnd=${() => setIsEditing(false)} />`}
    <div class="row">
      <button type="button" onClick=${() => setIsEditing(true)}>${t("organiser.change")}</button>
      ${poll.state !== "decided" && html`<button type="button" onClick=${toggleClosed}>${t(poll.state === "closed" ? "organiser.reopen" : "organiser.close")}</button>`}
      <a class="button" href=${like} onClick=${followLink}>${t("organiser.duplicate")}</a>
      <button type="button" onClick=${() => downloadExport(poll, "csv", zone, adminToken)}>${t("organiser.csv")}</button>
      <button type="button" onClick=${() => downloadExport(poll, "json", zone, adminToken)}>${t("organiser.json")}</button>
      <button type="button" class="danger" onClick=${remove}>${t("organiser.delete")}</button>
    </div>
    ${poll.state === "open" && html`<${InviteForm} poll=${poll} adminToken=${adminToken} onInvited=${() => onChanged(poll)} />`}
  </section>`;
}
