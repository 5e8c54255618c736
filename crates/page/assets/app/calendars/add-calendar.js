import { html, useEffect, useRef, useState } from "../preact.js";
import { t } from "../i18n.js";
import { askToConfirm, showToast } from "../dialogs.js";
import { faultAt } from "../faults.js";
import { TextField } from "../text-field.js";
import { textOfCalendarFailure } from "./failures.js";
import { nameOfFile, nameOfUrl } from "./names.js";
import { MAX_CALENDAR_BYTES, sendCalendar, subscribeToCalendar } from "./requests.js";
import { WhereToFind } from "./where-to-find.js";

const EMPTY_CALENDAR = { url: "", file: null, name: "", isUnansweredBusy: true };
const WAYS = ["url", "file"];

/** What is wrong before the platform is asked, by field. */
function faultsOfCalendar(way, { url, file }, name) {
  if (way === "url" && !url.trim()) return { url: t("faults.field.missing") };
  if (way === "file" && !file) return { file: t("calendars.noFile") };
  if (way === "file" && file.size > MAX_CALENDAR_BYTES) return { file: t("calendars.tooLarge") };
  if (!name) return way === "url" ? { url: t("faults.url.url_parsing") } : { name: t("faults.field.missing") };
  // In an address these are no names.
  return /^\.{1,2}$/.test(name) ? { name: t("faults.name.value_error") } : null;
}

/** Where what the platform has refused stands on the form. */
function faultsOfRefusal(failure, way) {
  if (failure.status === 413) return { file: textOfCalendarFailure(failure) };
  if (failure.status !== 400) return { whole: textOfCalendarFailure(failure) };
  const name = faultAt(failure, "name");
  if (name) return { name };
  return way === "file" ? { file: t("answer.noCalendar") } : { url: faultAt(failure, "url") ?? textOfCalendarFailure(failure) };
}

/** Adds a calendar by its address or from a file. `onAdded` is called once the platform has it. */
export function AddCalendar({ email, calendars, onAdded }) {
  const [way, setWay] = useState(WAYS[0]);
  const [draft, setDraft] = useState(EMPTY_CALENDAR);
  const [faults, setFaults] = useState({});
  const [isSending, setIsSending] = useState(false);
  const form = useRef();
  useEffect(() => form.current.querySelector('[aria-invalid="true"], [role="alert"]')?.focus(), [faults]);

  const change = (part) => (setDraft((before) => ({ ...before, ...part })), setFaults({}));
  const proposed = way === "url" ? nameOfUrl(draft.url, calendars) : nameOfFile(draft.file);
  const name = draft.name.trim() || proposed;
  const submit = async (event) => {
    event.preventDefault();
    if (isSending) return;
    const wrong = faultsOfCalendar(way, draft, name);
    if (wrong) return setFaults(wrong);
    const question = { title: t("calendars.replaceTitle", { name }), text: t("calendars.replaceText"), confirm: t("calendars.replace"), isDangerous: true };
    if (calendars.some((calendar) => calendar.name === name) && !(await askToConfirm(question))) return;
    setIsSending(true);
    try {
      const given = { name, isUnansweredBusy: draft.isUnansweredBusy };
      if (way === "url") {
        await subscribeToCalendar(email, { ...given, url: draft.url.trim() });
        showToast(t("calendars.subscribed", { name }));
      } else {
        const { events, problems } = await sendCalendar(email, { ...given, file: draft.file });
        showToast(t("calendars.sent", { n: events }) + (problems.length ? ` ${t("answer.calendarProblems", { n: problems.length })}` : ""));
      }
      // Whoever has begun with the next calendar meanwhile keeps what is typed.
      setDraft((now) => (now === draft ? EMPTY_CALENDAR : now));
      onAdded();
    } catch (failure) {
      setFaults(faultsOfRefusal(failure, way));
    }
    setIsSending(false);
  };
  return html`<section class="card calendars-add" aria-labelledby="add-heading">
    <h2 id="add-heading">${t("calendars.add")}</h2>
    <form ref=${form} onSubmit=${submit} noValidate>
      <fieldset>
        <legend class="visually-hidden">${t("calendars.add")}</legend>
        <div class="segments">${WAYS.map((known) => html`<label key=${known} class=${way === known ? "chosen" : ""}>
          <input type="radio" name="way" value=${known} checked=${way === known} onChange=${() => (setWay(known), setFaults({}))} />
          ${t(`calendars.ways.${known}`)}</label>`)}</div>
      </fieldset>
      ${way === "url"
        ? html`<${TextField} key="url" id="calendar-url" label=${t("calendars.url")} value=${draft.url} type="url" dir="ltr" maxlength="2048" spellcheck="false"
            placeholder="https://" hint=${t("calendars.urlHint")} error=${faults.url} onChange=${(url) => change({ url })} />
          <${WhereToFind} />`
        : html`<${FileField} key="file" hasFile=${draft.file !== null} error=${faults.file} onChange=${(file) => change({ file })} />`}
      <${TextField} key="name" id="calendar-name" label=${t("calendars.name")} value=${draft.name} placeholder=${proposed} maxlength="100"
        error=${faults.name} onChange=${(given) => change({ name: given })} />
      <label class="check"><input type="checkbox" checked=${draft.isUnansweredBusy}
        onChange=${(event) => change({ isUnansweredBusy: event.target.checked })} /> ${t("calendars.unanswered")}</label>
      ${faults.whole && html`<p class="field-error" role="alert" tabindex="-1">${faults.whole}</p>`}
      <button type="submit" class="primary" aria-disabled=${isSending ? "true" : undefined}>${t(isSending ? "calendars.sending" : `calendars.send.${way}`)}</button>
    </form>
  </section>`;
}

/** Chooses a file; without one it shows none, whatever was chosen before. */
function FileField({ hasFile, error, onChange }) {
  const input = useRef();
  useEffect(() => {
    if (!hasFile) input.current.value = "";
  }, [hasFile]);
  return html`<div class="field">
    <label for="calendar-file">${t("calendars.file")}</label>
    <input id="calendar-file" ref=${input} type="file" accept=".ics,text/calendar" aria-invalid=${error ? "true" : undefined}
      aria-describedby=${`calendar-file-hint${error ? " calendar-file-error" : ""}`} onChange=${(event) => onChange(event.target.files[0] ?? null)} />
    <p class="field-hint" id="calendar-file-hint">${t("calendars.fileHint")}</p>
    ${error && html`<p class="field-error" id="calendar-file-error">${error}</p>`}
  </div>`;
}
