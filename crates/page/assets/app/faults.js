import { t } from "./i18n.js";

const textOrNothing = (key, params) => {
  const text = t(key, params);
  return text === key ? undefined : text;
};

/** What is wrong with one field of a request, in the page's language where it is known; undefined when nothing is. */
export function faultAt(failure, field) {
  const fault = failure?.detail?.find((found) => found.loc[1] === field);
  if (!fault) return undefined;
  return textOrNothing(`faults.${field}.${fault.code}`) ?? textOrNothing(`faults.field.${fault.code}`) ?? fault.msg;
}

/** Why a request failed and what to do, in the page's language where it is known, else in the platform's words. */
export function textOfFailure(failure) {
  if (failure.status === 0) return t("faults.offline");
  if (failure.status === 429) return t("faults.too_many_requests", { n: failure.retryAfter || 1 });
  if (failure.status >= 500) return t("faults.unavailable");
  return textOrNothing(`faults.${failure.code}`) ?? failure.message;
}
