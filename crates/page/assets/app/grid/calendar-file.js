import { request } from "../api.js";

/**
 * When somebody is busy by a calendar file. The platform reads it, and keeps nothing of it.
 * @param {string} text of an `.ics` file
 * @param {import("./layout.js").GridLayout} layout from whose first cell to whose last is asked
 * @param {string} zone of the person, for whole days
 * @returns {Promise<{busy: {start: string, end: string}[], problems: {uid: string, msg: string}[]}>} for `hintsOf`
 */
export async function readBusyTimes(text, layout, zone) {
  const instant = (ms) => new Date(ms).toISOString();
  const query = new URLSearchParams({ from: instant(layout.cells[0].start), to: instant(layout.cells.at(-1).end), time_zone: zone });
  return (await request("POST", `/users/calendars/read?${query}`, { text, type: "text/calendar" })).data;
}
