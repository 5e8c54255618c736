// What the platform is asked about a person's calendars and about the feed of their meetings.
import { dataOf, personPath, request } from "../api.js";
import { WEEKDAY_NAMES } from "../wall-time.js";

/** Milliseconds within which a file has to have been sent and read. */
const UPLOAD_DEADLINE = 60_000;
/** Most bytes of a calendar, as `GET /users/limits` has it. */
export const MAX_CALENDAR_BYTES = 10 * 1024 * 1024;

const calendarPath = (email, name) => `${personPath(email)}/calendars/${encodeURIComponent(name)}`;
const takingPath = (email, { name, isUnansweredBusy }) => `${calendarPath(email, name)}?unanswered=${isUnansweredBusy ? "busy" : "free"}`;

/** The calendars of a person by name; it fails with the status 404 when nothing is kept under that address. */
export const readCalendars = async (email) => (await dataOf(request("GET", `${personPath(email)}/calendars`))).calendars;

/** Has a calendar fetched from its URL, now and every hour. */
export const subscribeToCalendar = (email, { url, ...calendar }) =>
  dataOf(request("PUT", takingPath(email, calendar), { body: { url } }));

/** Takes a calendar from a file. */
export const sendCalendar = async (email, { file, ...calendar }) =>
  dataOf(request("PUT", takingPath(email, calendar), { text: await file.text(), type: "text/calendar", deadline: UPLOAD_DEADLINE }));

export const removeCalendar = (email, name) => dataOf(request("DELETE", calendarPath(email, name)));

/** Makes the secret addresses of a person's meetings; those before hold no longer. */
export const createFeed = (email) => dataOf(request("POST", `${personPath(email)}/feed`));
export const removeFeed = (email) => dataOf(request("DELETE", `${personPath(email)}/feed`));

/** Stores a person who is free whenever no calendar of theirs is busy. */
export async function storePerson(email, zone) {
  const hours = Array.from({ length: 24 }, (_, hour) => hour);
  const availabilities = Object.fromEntries(WEEKDAY_NAMES.map((day) => [day, hours]));
  await request("POST", "/users/users", { body: { email, availabilities } });
  const weekly = WEEKDAY_NAMES.map((day) => ({ day, from: "00:00", to: "24:00", level: "yes" }));
  await request("PUT", `${personPath(email)}/schedule`, { body: { time_zone: zone, weekly } });
}
