import { html } from "../preact.js";
import { formatZone, t } from "../i18n.js";
import { TextField } from "../text-field.js";
import { VISIBILITIES } from "./draft.js";
import { todayIn } from "./date-math.js";
import { GranularityField } from "./times.js";

/** Who sees the answers; each choice with a sentence of what it means. */
export function VisibilityField({ value, onChange }) {
  return html`<fieldset class="choices">
    <legend>${t("create.visibility")}</legend>
    ${VISIBILITIES.map((name) => html`<label key=${name} class=${value === name ? "chosen" : ""}>
      <input type="radio" name="visibility" value=${name} checked=${value === name} onChange=${() => onChange(name)} />
      <span><strong>${t(`create.visibilities.${name}.name`)}</strong> <span class="soft">${t(`create.visibilities.${name}.meaning`)}</span></span>
    </label>`)}
  </fieldset>`;
}

/** What few polls need: place, description, deadline, size of the steps, who sees the answers. */
export function MoreFields({ draft, onChange, errorOf }) {
  const error = errorOf("deadline");
  return html`
    <${TextField} id="poll-location" label=${t("create.location")} value=${draft.location} maxlength="400"
      error=${errorOf("location")} onChange=${(location) => onChange({ location })} />
    <${TextField} id="poll-description" label=${t("create.description")} value=${draft.description} maxlength="4000" rows="3"
      error=${errorOf("description")} onChange=${(description) => onChange({ description })} />
    <div class="field-pair">
      <div class="field">
        <label for="poll-deadline">${t("create.deadline")}</label>
        <input id="poll-deadline" type="datetime-local" value=${draft.deadline} min=${`${todayIn(draft.zone)}T00:00`}
          aria-invalid=${error ? "true" : undefined} aria-describedby="poll-deadline-hint"
          onChange=${(event) => onChange({ deadline: event.target.value })} />
        <p class=${error ? "field-error" : "field-hint"} id="poll-deadline-hint">${error ?? t("create.deadlineHint", { zone: formatZone(draft.zone) })}</p>
      </div>
      <${GranularityField} draft=${draft} onChange=${onChange} />
    </div>
    ${draft.deadline && html`<label class="check"><input type="checkbox" checked=${draft.reminds} onChange=${(event) => onChange({ reminds: event.target.checked })} /> ${t("create.reminds")}</label>`}
    <${TextField} id="poll-email" label=${t("create.email")} value=${draft.email} type="email" autocomplete="email" dir="ltr" hint=${t("create.emailHint")}
      error=${errorOf("organiser_email")} onChange=${(email) => onChange({ email })} />
    <${VisibilityField} value=${draft.visibility} onChange=${(visibility) => onChange({ visibility })} />`;
}
