import { html } from "../preact.js";
import { t } from "../i18n.js";

/** Where to look: the service, and the words on its own screens. */
const SERVICES_BY_KEY = { google: "Google Calendar", outlook: "Outlook", nextcloud: "Nextcloud", apple: "iCloud" };

/** Says where calendar services have the address of a calendar. */
export function WhereToFind() {
  return html`<details class="calendars-where">
    <summary>${t("calendars.where.heading")}</summary>
    <dl>${Object.entries(SERVICES_BY_KEY).map(([key, name]) => html`<div key=${key}>
      <dt><bdi>${name}</bdi></dt><dd>${t(`calendars.where.${key}`)}</dd></div>`)}</dl>
  </details>`;
}
