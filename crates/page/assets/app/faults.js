import { formatMinutes, t } from "./i18n.js";

/** The text of a key that may be unknown, such as one with a code of the platform; undefined when it is. */
export const textOrNothing = (key, params) => {
  const text = t(key, params);
  return text === key ? undefined : text;
};

const textOfFault = ({ loc, code, msg }) => textOrNothing(`faults.${loc[1]}.${code}`) ?? textOrNothing(`faults.field.${code}`) ?? msg;

/** What is wrong with one field of a request, in the page's language where it is known; undefined when nothing is. */
export function faultAt(failure, field) {
  const fault = failure?.detail?.find((found) => found.loc[1] === field);
  return fault && textOfFault(fault);
}

/** Why a request failed and what to do, in the page's language where it is known, else in the platform's words. */
export function textOfFailure(failure) {
  if (failure.status === 0) return t("faults.offline");
  if (failure.status === 429) {
    const seconds = failure.retryAfter || 1;
    return seconds < 120 ? t("faults.too_many_requests", { n: seconds }) : t("faults.too_many_for_now", { length: formatMinutes(Math.ceil(seconds / 60)) });
  }
  if (failure.status >= 500) return t("faults.unavailable");
  const atFields = failure.status === 400 ? failure.detail.map(textOfFault).join(" ") : undefined;
  return atFields ?? textOrNothing(`faults.${failure.code}`) ?? failure.message;
}
