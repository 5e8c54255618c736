import { html, useEffect, useRef, useState } from "../preact.js";
import { formatMinutes, formatWallTime, formatZone, mailLanguage, t } from "../i18n.js";
import { createPoll, readPoll } from "../api.js";
import { rememberPoll, rememberedPoll } from "../store.js";
import { followLink, navigate } from "../navigate.js";
import { announce } from "../announce.js";
import { faultAt, textOfFailure } from "../faults.js";
import { TextField } from "../text-field.js";
import { ZonePicker } from "../zone-picker.js";
import { bodyOfDraft, draftLike, emptyDraft } from "./draft.js";
import { forgetDraft, keepDraft, keptDraft } from "./kept-draft.js";
import { DaysField } from "./days-field.js";
import { TimesFields } from "./times.js";
import { MoreFields } from "./fields.js";

const FOLDED_FIELDS = ["location", "description", "deadline", "granularity_minutes", "visibility"];

/**
 * Makes a poll. With `?like={id}` in the address the form starts as that poll is, else as the draft that waits for its maker
 * to be signed in.
 */
export function CreateScreen() {
  const [draft, setDraft] = useState(() => ({ ...emptyDraft(), ...(!location.search && keptDraft()) }));
  const [failure, setFailure] = useState(null);
  const [isEmpty, setIsEmpty] = useState(false);
  const [isSending, setIsSending] = useState(false);
  const form = useRef();
  const change = (part) => {
    setDraft((before) => ({ ...before, ...part }));
    if (part.dates?.length || part.days?.length || part.kind) setIsEmpty(false);
  };
  useEffect(() => {
    document.title = `${t("create.heading")} – W2Meet`;
    const like = new URLSearchParams(location.search).get("like");
    if (!like) return;
    const { adminToken, participant } = rememberedPoll(like) ?? {};
    readPoll(like, adminToken ?? participant?.token).then((poll) => setDraft(draftLike(poll)), setFailure);
  }, []);
  const isSignedOut = failure?.status === 401;
  useEffect(() => {
    if (isSignedOut) keepDraft(draft);
  }, [isSignedOut, draft]);
  // Whoever sends a form with a fault is led to the first.
  useEffect(() => {
    if (!failure && !isEmpty) return;
    const first = form.current.querySelector('[aria-invalid="true"], .days-field[aria-describedby] td[tabindex="0"], .days-field[aria-describedby] .weekday-buttons button');
    (first ?? form.current.querySelector('[role="alert"]'))?.focus();
  }, [failure, isEmpty]);

  const days = draft.kind === "dates" ? draft.dates : draft.days;
  const errorOf = (field) => faultAt(failure, field);
  const send = async (event) => {
    event.preventDefault();
    setFailure(null);
    setIsEmpty(days.length === 0);
    if (days.length === 0) return announce(t("faults.dates.value_error"));
    setIsSending(true);
    try {
      const body = bodyOfDraft(draft);
      const poll = await createPoll({ ...body, language: mailLanguage(), title: body.title || t("create.untitled") });
      forgetDraft();
      rememberPoll({ id: poll.id, title: poll.title, adminToken: poll.admin_token });
      navigate(`/p/${poll.id}`);
      announce(t("create.created"));
    } catch (failed) {
      setFailure(failed);
      setIsSending(false);
      announce(failed.status === 401 ? t("create.signIn") : textOfFailure(failed));
    }
  };
  const isAtField = failure?.status === 400 && failure.detail.some((fault) => fault.loc.length > 1);
  const summary = days.length === 0 ? t("create.noDays") : t(`create.summary.${draft.kind}`, {
    n: days.length, from: formatWallTime(draft.from), to: formatWallTime(draft.to), length: formatMinutes(draft.length),
  });
  return html`<form class="create-screen" ref=${form} onSubmit=${send} noValidate>
    <header class="create-intro"><h1>${t("create.heading")}</h1><p class="soft">${t("create.intro")}</p></header>
    <section class="card create-title">
      <${TextField} id="poll-title" label=${t("create.title")} value=${draft.title} placeholder=${t("create.untitled")} maxlength="200"
        error=${errorOf("title")} onChange=${(title) => change({ title })} />
    </section>
    <section class="card create-days">
      <${DaysField} draft=${draft} onChange=${change} error=${isEmpty ? t("faults.dates.value_error") : errorOf("dates") ?? errorOf("days")} />
    </section>
    <section class="card create-times">
      <h2>${t("create.times")}</h2>
      <${TimesFields} draft=${draft} onChange=${change} errorOf=${errorOf} />
      <${ZonePicker} label=${t("create.zone")} value=${draft.zone} onChange=${(zone) => change({ zone })} error=${errorOf("time_zone")} />
      <details class="create-more" open=${FOLDED_FIELDS.some(errorOf) || undefined}>
        <summary>${t("create.more")}</summary>
        <${MoreFields} draft=${draft} onChange=${change} errorOf=${errorOf} />
      </details>
    </section>
    <div class="create-send">
      ${isSignedOut && html`<p class="field-error" role="alert" tabindex="-1">${t("create.signIn")} <a href="/account" onClick=${followLink}>${t("account.signInHeading")}</a></p>`}
      ${failure && !isAtField && !isSignedOut && html`<p class="field-error" role="alert" tabindex="-1">${textOfFailure(failure)}</p>`}
      <p class="soft"><bdi>${summary}</bdi>${days.length > 0 && html` · <bdi>${formatZone(draft.zone)}</bdi>`}</p>
      <button class="primary" type="submit" disabled=${isSending}>${isSending ? t("create.sending") : t("create.send")}</button>
    </div>
  </form>`;
}
