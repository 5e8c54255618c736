import { html } from "../preact.js";
import { formatMinutes, t } from "../i18n.js";
import { SelectField } from "../create/times.js";

const WINDOW_LENGTHS = [15, 30, 45, 60, 90, 120, 180, 240];
const IF_NEEDED = ["last_resort", "equal", "never"];
const WORKING_HOURS = ["respect", "only", "ignore"];

/**
 * How windows are chosen.
 * @param {{poll: object, options: object, onOptions: (options: object) => void}} props `options` as the platform takes them
 */
export function WindowsOptions({ poll, options, onOptions }) {
  const change = (part) => onOptions({ ...options, ...part });
  const length = options.duration_minutes ?? poll.duration_minutes;
  const lengths = [...new Set([...WINDOW_LENGTHS, poll.duration_minutes, length])].sort((one, other) => one - other);
  const choices = (name, values) => values.map((value) => [value, t(`windows.options.${name}.${value}`)]);
  return html`<details class="windows-options no-print">
    <summary>${t("windows.options.heading")}</summary>
    <div class="field-pair">
      <${SelectField} id="windows-length" label=${t("create.length")} value=${length}
        options=${lengths.map((minutes) => [minutes, formatMinutes(minutes)])} onChange=${(value) => change({ duration_minutes: Number(value) })} />
      <${SelectField} id="windows-if-needed" label=${t("windows.options.ifNeeded")} value=${options.if_needed ?? "last_resort"}
        options=${choices("ifNeededChoices", IF_NEEDED)} onChange=${(if_needed) => change({ if_needed })} />
      <${SelectField} id="windows-hours" label=${t("windows.options.workingHours")} value=${options.working_hours ?? "respect"}
        options=${choices("workingHoursChoices", WORKING_HOURS)} onChange=${(working_hours) => change({ working_hours })} />
    </div>
    ${poll.kind === "weekly" && html`<label class="check"><input type="checkbox" checked=${Boolean(options.rotate)}
      onChange=${(event) => change({ rotate: event.target.checked })} /> <span>${t("windows.options.rotate")}</span></label>`}
  </details>`;
}
