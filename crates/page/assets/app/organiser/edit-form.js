import { html, useEffect, useRef, useState } from "../preact.js";
import { t } from "../i18n.js";
import { changePoll } from "../api.js";
import { announce } from "../announce.js";
import { askToConfirm, showToast } from "../dialogs.js";
import { faultAt, textOfFailure } from "../faults.js";
import { changeOfDrafts, draftOfPoll, rebasedDraft } from "../create/draft.js";
import { DaysField } from "../create/days-field.js";
import { MoreFields } from "../create/fields.js";
import { TimesFields } from "../create/times.js";
import { TextField } from "../text-field.js";
import { ZonePicker } from "../zone-picker.js";

/** Fields of which a change can take answers along: what is asked no more is answered no more. */
const ASKED_FIELDS = ["dates", "from", "to", "time_zone", "granularity_minutes"];

/** Whether some of what a poll asks about is asked no more after a change. */
function takesAnswersAlong(poll, change) {
  if (!poll.answered || poll.kind !== "dates") return false;
  if (change.dates && poll.dates.some((date) => !change.dates.includes(date))) return true;
  return ASKED_FIELDS.slice(1).some((field) => field in change);
}

/**
 * Changes what a poll says and asks, in a dialog over the poll.
 * @param {{poll: object, adminToken: string, onChanged: (poll: object) => void, onEnd: () => void}} props
 */
export function PollEditDialog({ poll, adminToken, onChanged, onEnd }) {
  const [before, setBefore] = useState(() => draftOfPoll(poll));
  const [draft, setDraft] = useState(before);
  const [failure, setFailure] = useState(null);
  const [isSending, setIsSending] = useState(false);
  const form = useRef();
  const dialog = useRef();
  const difference = changeOfDrafts(before, draft);
  const isChanged = Object.keys(difference).length > 0;
  useEffect(() => {
    const opener = document.activeElement;
    dialog.current.showModal();
    return () => opener.focus();
  }, []);
  useEffect(() => {
    const current = draftOfPoll(poll);
    setDraft((now) => rebasedDraft(now, before, current));
    setBefore(current);
  }, [poll.version]);
  useEffect(() => failure && form.current.querySelector('[aria-invalid="true"]')?.focus(), [failure]);

  const change = (part) => setDraft((now) => ({ ...now, ...part }));
  const errorOf = (field) => faultAt(failure, field);
  const save = async (event) => {
    event.preventDefault();
    setFailure(null);
    const question = { title: t("organiser.losesTitle"), text: t("organiser.loses"), confirm: t("organiser.save"), isDangerous: true };
    if (takesAnswersAlong(poll, difference) && !(await askToConfirm(question))) return;
    setIsSending(true);
    try {
      const changed = await changePoll(poll.id, difference, adminToken);
      onEnd();
      onChanged(changed);
      return showToast(t("organiser.saved"));
    } catch (failed) {
      setFailure(failed);
      announce(textOfFailure(failed));
    }
    setIsSending(false);
  };
  const close = async (event) => {
    event?.preventDefault();
    const question = { title: t("organiser.discardTitle"), confirm: t("organiser.discard"), isDangerous: true };
    if (!isChanged || (await askToConfirm(question))) onEnd();
  };
  const isAtField = failure?.status === 400 && failure.detail.some((fault) => fault.loc.length > 1);
  return html`<dialog class="edit-dialog" ref=${dialog} aria-labelledby="edit-heading" onCancel=${close}><form class="edit-form" ref=${form} onSubmit=${save} noValidate>
    <h2 id="edit-heading">${t("organiser.change")}</h2>
    <${TextField} id="poll-title" label=${t("create.title")} value=${draft.title} maxlength="200" error=${errorOf("title")}
      onChange=${(title) => change({ title })} />
    <div class="edit-columns">
      <${DaysField} draft=${draft} onChange=${change} error=${errorOf("dates") ?? errorOf("days")} isKindFixed=${true} />
      <div>
        <${TimesFields} draft=${draft} onChange=${change} errorOf=${errorOf} />
        <${ZonePicker} label=${t("create.zone")} value=${draft.zone} onChange=${(zone) => change({ zone })} error=${errorOf("time_zone")} />
        <${MoreFields} draft=${draft} onChange=${change} errorOf=${errorOf} />
      </div>
    </div>
    ${failure && !isAtField && html`<p class="field-error" role="alert">${textOfFailure(failure)}</p>`}
    <div class="dialog-buttons">
      <button type="button" onClick=${() => close()}>${t("dialog.cancel")}</button>
      <button type="submit" class="primary" disabled=${!isChanged || isSending}>${t("organiser.save")}</button>
    </div>
  </form></dialog>`;
}
