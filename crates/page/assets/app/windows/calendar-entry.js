// The decided meeting as a file for calendars (RFC 5545).

const escaped = (text) => text.replace(/([\\;,])/g, "\\$1").replace(/\r?\n/g, "\\n");
const calendarInstant = (ms) => new Date(ms).toISOString().replace(/[-:]|\.\d+/g, "");

/** Lines of at most 75 bytes: what is longer goes on in the next, behind a space. */
function folded(line) {
  const parts = [""];
  let bytes = 0;
  for (const character of line) {
    const size = new TextEncoder().encode(character).length;
    if (bytes + size > 74) bytes = parts.push("") && 0;
    parts[parts.length - 1] += character;
    bytes += size;
  }
  return parts.join("\r\n ");
}

/** The text of the file for a decided poll; `now` in milliseconds since 1970. */
export function calendarEntryOf(poll, link, now) {
  const description = [poll.description, link].filter(Boolean).join("\n\n");
  return [
    "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//W2Meet//W2Meet//EN", "BEGIN:VEVENT",
    `UID:${poll.id}@w2meet`, `DTSTAMP:${calendarInstant(now)}`, `SEQUENCE:${poll.version}`,
    `DTSTART:${calendarInstant(Date.parse(poll.meeting.start))}`, `DTEND:${calendarInstant(Date.parse(poll.meeting.end))}`,
    `SUMMARY:${escaped(poll.title)}`, `DESCRIPTION:${escaped(description)}`, `URL:${link}`,
    ...(poll.location ? [`LOCATION:${escaped(poll.location)}`] : []), "END:VEVENT", "END:VCALENDAR", "",
  ].map(folded).join("\r\n");
}
