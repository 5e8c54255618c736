// What a calendar is called by whoever gives it no name.

/** By the end of a server's name, what people call it. */
const SERVICE_NAMES = { "google.com": "Google", "outlook.com": "Outlook", "office.com": "Outlook", "office365.com": "Outlook", "icloud.com": "iCloud" };

const hostOf = (url) => /^[a-z][a-z0-9+.-]*:\/\/(?:[^/?#]*@)?([^/?#:]+)/i.exec(url.trim())?.[1].toLowerCase() ?? "";

/** The name for a subscription: that of the service, or the server's; with a number where there is one of that name. */
export function nameOfUrl(url, calendars) {
  const host = hostOf(url);
  if (!host) return "";
  const service = Object.keys(SERVICE_NAMES).find((known) => host === known || host.endsWith(`.${known}`));
  const name = service ? SERVICE_NAMES[service] : host.replace(/^www\./, "").slice(0, 90);
  const isFree = (candidate) => calendars.every((calendar) => calendar.name !== candidate);
  let candidate = name;
  for (let number = 2; !isFree(candidate); number += 1) candidate = `${name} ${number}`;
  return candidate;
}

/** The name of a file without its ending. A file of the same name takes the place of the one before. */
export const nameOfFile = (file) => file?.name.replace(/\.[^.]*$/, "").trim().slice(0, 100) ?? "";
