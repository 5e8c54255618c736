import { t } from "../i18n.js";
import { textOfFailure } from "../faults.js";

/** By status: what failed with a calendar, where it is something else than with a poll. */
const CALENDAR_FAILURES = { 401: "account.signedOutMeanwhile", 403: "account.somebodyElse", 404: "calendars.unknown", 409: "calendars.tooMany", 413: "calendars.tooLarge" };

/** Why a request about calendars failed and what to do. */
export const textOfCalendarFailure = (failure) =>
  failure.status in CALENDAR_FAILURES ? t(CALENDAR_FAILURES[failure.status]) : textOfFailure(failure);
