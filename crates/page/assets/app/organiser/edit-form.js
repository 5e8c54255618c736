import { html, useEffect, useRef, useState } from "../preact.js";
import { t } from "../i18n.js";
import { changePoll } from "../api.js";
import { announce } from "../announce.js";
import { askToConfirm, showToast } from "../dialogs.js";
import { faultAt, textOfFailure } from "../faults.js";
import { changeOfDrafts, draftOfPoll } from "../create/draft.js";
import { DaysField } from "../create/days.js";
import { MoreFields, TextField } from "../create/fields.js";
import { TimesFields } from "../create/times.js";
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
 * Changes what a poll says and asks.
 * @param {{poll: object, adminToken: string, onChanged: (poll: object) => void}} props
 */
export function PollEditForm({ poll, adminToken, onChanged }) {
  const [before, setBefore] = useState(() => draftOfPoll(poll));
  const [draft, setDraft] = useState(before);
  const [failure, setFailure] = useState(null);
  const [isSending, setIsSending] = useState(false);
  const form = useRef();
  const difference = changeOfDrafts(before, draft);
  const isChanged = Object.keys(difference).length > 0;
  // What was changed elsewhere is taken over as long as nothing was changed here.
  useEffect(() => {
    const current = draftOfPoll(poll);
    if (!isChanged) setDraft(current);
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
      const next = draftOfPoll(changed);
      setBefore(next);
      setDraft(next);
      onChanged(changed);
      showToast(t("organiser.saved"));
    } catch (failed) {
      setFailure(failed);
      announce(textOfFailure(failed));
    }
    setIsSending(false);
  };
  const isAtField = failure?.status === 400 && failure.detail.some((fault) => fault.loc.length > 1);
  return html`<form class="edit-form" ref=${form} onSubmit=${save} noValidate>
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
      <button type="button" disabled=${!isChanged} onClick=${() => setDraft(before)}>${t("organiser.discard")}</button>
      <button type="submit" class="primary" disabled=${!isChanged || isSending}>${t("organiser.save")}</button>
    </div>
  </form>`;
}
