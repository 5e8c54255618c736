import { html } from "../preact.js";
import { bidiIsolated, formatDate, formatMinutes, formatTime, t } from "../i18n.js";

/** A time for each week, such that nobody bears it alone to meet outside working hours. */
export function RotationTable({ suggestions, names, zone }) {
  const { rotation, burdens } = suggestions;
  if (!rotation) return null;
  const bearers = (burdens ?? []).filter((burden) => burden.minutes > 0);
  return html`<section class="rotation">
    <h3>${t("windows.rotation.heading")}</h3>
    ${rotation.length === 0
      ? html`<p class="soft">${t("windows.rotation.none")}</p>`
      : html`<table>
        <thead><tr><th scope="col">${t("windows.rotation.week")}</th><th scope="col">${t("windows.rotation.time")}</th></tr></thead>
        <tbody>${rotation.map(({ week, start }) => html`<tr key=${week}>
          <th scope="row">${formatDate(week, null, { day: "numeric", month: "short" })}</th>
          <td>${formatDate(Date.parse(start), zone)}, <bdi>${formatTime(Date.parse(start), zone)}</bdi></td></tr>`)}</tbody>
      </table>
      <p class="soft">${bearers.length === 0 ? t("windows.rotation.noBurden") : t("windows.rotation.burden")}</p>
      <ul>${bearers.map(({ person, minutes }, index) => html`<li key=${person ?? index}>
        ${person ? `${bidiIsolated(names.get(person) ?? person)}: ` : ""}${formatMinutes(minutes)}</li>`)}</ul>`}
  </section>`;
}
