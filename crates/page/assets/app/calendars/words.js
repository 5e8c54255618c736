import { browserZone, formatDate, formatTime, t } from "../i18n.js";
import { textOrNothing } from "../faults.js";

/** An instant of the platform on this browser's clocks. */
function whenText(instant) {
  const at = Date.parse(instant);
  return `${formatDate(at, browserZone())}, ${formatTime(at, browserZone())}`;
}

/** Whether the server of a subscription says that there is no such calendar any more. */
export const isGone = (calendar) => calendar.last_error_code === "gone";

/** Why a calendar could not be fetched: in the page's language where it is known, else in the platform's words. */
const reasonText = ({ last_error: words, last_error_code: code }) => textOrNothing(`calendars.reasons.${code}`) ?? words;

/** How far a calendar is, in a sentence. */
export function stateText(calendar) {
  const { state, fetched_at: fetchedAt, imported_at: importedAt } = calendar;
  switch (state) {
    case "uploaded": return t("calendars.sentAt", { time: whenText(importedAt) });
    case "waiting": return t("calendars.waiting");
    case "fresh": return t("calendars.readAt", { time: whenText(fetchedAt) });
    default: {
      const reason = reasonText(calendar);
      return fetchedAt ? t("calendars.failingSince", { time: whenText(fetchedAt), reason }) : t("calendars.neverFetched", { reason });
    }
  }
}

/** What is known of a calendar, in numbers. */
export const amountsText = ({ events, busy }) => `${t("calendars.events", { n: events })} · ${t("calendars.busy", { n: busy })}`;
