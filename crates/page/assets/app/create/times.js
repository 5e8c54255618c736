import { html } from "../preact.js";
import { formatMinutes, formatWallTime, t } from "../i18n.js";
import { minutesOfTime } from "../wall-time.js";
import { minutesFromTo, timeOfMinutes, withFittingTimes } from "./draft.js";

const LENGTHS = [15, 30, 45, 60, 90, 120, 180, 240, 360, 480, 720, 1440];
const GRANULARITIES = [15, 30, 60];

const sequence = (from, to, step) => Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, index) => from + index * step);
const withValue = (values, value) => (values.includes(value) ? values : [...values, value].sort((one, other) => one - other));

function labelOfEnd(from, time) {
  if (time === "24:00") return t("create.midnight", { time: formatWallTime(time) });
  return minutesOfTime(time) <= minutesOfTime(from) ? t("create.nextDay", { time: formatWallTime(time) }) : formatWallTime(time);
}

/** A labelled choice. `options` are pairs of value and label. */
export function SelectField({ id, label, value, options, onChange, error, hint }) {
  return html`<div class="field">
    <label for=${id}>${label}</label>
    <select id=${id} value=${value} aria-invalid=${error ? "true" : undefined} aria-describedby=${error ? `${id}-error` : undefined}
      onChange=${(event) => onChange(event.target.value)}>
      ${options.map(([key, text]) => html`<option key=${key} value=${key} selected=${key === value}>${text}</option>`)}
    </select>
    ${hint && html`<p class="field-hint">${hint}</p>`}
    ${error && html`<p class="field-error" id=${`${id}-error`}>${error}</p>`}
  </div>`;
}

/** Between which times of day a poll asks, and how long the meeting is. */
export function TimesFields({ draft, onChange, errorOf }) {
  const change = (part) => onChange(withFittingTimes({ ...draft, ...part }, draft));
  const starts = withValue(sequence(0, 1425, Math.min(draft.granularity, 30)), minutesOfTime(draft.from)).map(timeOfMinutes);
  const minutes = minutesFromTo(draft.from, draft.to);
  const ends = sequence(draft.granularity, 1440, draft.granularity).map((after) => {
    const end = minutesOfTime(draft.from) + after;
    return timeOfMinutes(end > 1440 ? end - 1440 : end);
  });
  const lengths = withValue(LENGTHS.filter((length) => length <= minutes), draft.length);
  return html`<div class="times-fields">
    <${SelectField} id="poll-from" label=${t("create.from")} value=${draft.from} error=${errorOf("from")}
      options=${starts.map((time) => [time, formatWallTime(time)])} onChange=${(from) => change({ from })} />
    <${SelectField} id="poll-to" label=${t("create.to")} value=${draft.to} error=${errorOf("to")}
      options=${ends.map((time) => [time, labelOfEnd(draft.from, time)])} onChange=${(to) => change({ to })} />
    <${SelectField} id="poll-length" label=${t("create.length")} value=${draft.length} error=${errorOf("duration_minutes")}
      options=${lengths.map((length) => [length, formatMinutes(length)])} onChange=${(length) => change({ length: Number(length) })} />
  </div>`;
}

/** How long a cell of the grid is. */
export function GranularityField({ draft, onChange }) {
  const change = (granularity) => onChange(withFittingTimes({ ...draft, granularity: Number(granularity) }, draft));
  return html`<${SelectField} id="poll-granularity" label=${t("create.granularity")} value=${draft.granularity}
    options=${GRANULARITIES.map((minutes) => [minutes, formatMinutes(minutes)])} onChange=${change} />`;
}
