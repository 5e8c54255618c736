// What is kept of a person: their calendars, and where they are signed in.
import { AccountScreen } from "./account/screen.js";
import { CalendarsScreen } from "./calendars/screen.js";

export { AccountScreen, CalendarsScreen };
