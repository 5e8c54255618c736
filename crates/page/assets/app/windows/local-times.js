import { html } from "../preact.js";
import { formatDate, formatMinutes, formatWallTime, t } from "../i18n.js";
import { wallTimeAt } from "../create/date-math.js";

/** Minutes of the day from and until which it is night. */
const NIGHT = { from: 22 * 60, until: 7 * 60 };
const STATUS_MARKS = { yes: "✓", if_needed: "~", no: "✕", unanswered: "?" };

const minuteOfDay = (wall) => Number(wall.slice(11, 13)) * 60 + Number(wall.slice(14, 16));

/** Whether some of a time on somebody's clocks is at night. */
function isAtNight(wall, minutes) {
  const start = minuteOfDay(wall);
  const end = start + minutes;
  return start < NIGHT.until || end > NIGHT.from;
}

const laterWall = (wall, minutes) => new Date(Date.parse(`${wall}Z`) + minutes * 60_000).toISOString().slice(0, 16);

/**
 * People by what their clocks show, the earliest first.
 * @param {{local: string}[]} people with the wall time, `"2026-03-09T09:00"`, at which it starts for them
 */
function groupsByClock(people) {
  const groups = new Map();
  for (const person of people) groups.set(person.local, [...(groups.get(person.local) ?? []), person]);
  return [...groups].sort(([one], [other]) => (one < other ? -1 : 1));
}

const OutsideNote = ({ minutes }) => minutes > 0 && html` <span class="soft">${t("windows.outside", { length: formatMinutes(minutes) })}</span>`;

function PersonMark({ person, showsOutside }) {
  const { status } = person;
  return html`<span class=${`person person-${status ?? "yes"}`}>
    ${status && html`<span class="person-mark" aria-hidden="true">${STATUS_MARKS[status]}</span><span class="visually-hidden">${t(`windows.status.${status}`)}: </span>`}
    <bdi>${person.name}</bdi>${person.inConflict && html` <span class="tag">${t("conflicts.tag")}</span>`}${showsOutside && html`<${OutsideNote} minutes=${person.outside} />`}
  </span>`;
}

/** A time on the clocks of everybody; those whose clocks agree stand together. */
export function LocalTimes({ people, minutes }) {
  const groups = groupsByClock(people);
  const days = new Set(groups.map(([wall]) => wall.slice(0, 10)));
  return html`<ul class="local-times">${groups.map(([wall, members]) => {
    // What is the same for all of them is said once.
    const isShared = members.every(({ outside }) => outside === members[0].outside);
    return html`<li key=${wall}>
      <span class="local-time"><bdi>${formatWallTime(wall.slice(11))} – ${formatWallTime(laterWall(wall, minutes).slice(11))}</bdi>
        ${days.size > 1 && html` <span class="soft">${formatDate(wall.slice(0, 10), null, { weekday: "short" })}</span>`}
        ${isAtNight(wall, minutes) && html` <span class="tag"><span aria-hidden="true">☾ </span>${t("windows.night")}</span>`}
        ${isShared && html`<${OutsideNote} minutes=${members[0].outside} />`}</span>
      <span class="local-people">${members.map((person) => html`<${PersonMark} key=${person.id} person=${person} showsOutside=${!isShared} />`)}</span>
    </li>`;
  })}</ul>`;
}

/** The people of a window as `LocalTimes` takes them. */
export const peopleOfWindow = (window) =>
  window.people.map((person) => ({
    id: person.person, name: person.name ?? person.person, status: person.status,
    local: person.local_start.slice(0, 16), outside: person.outside_working_hours_minutes,
    inConflict: person.in_conflict,
  }));

/** The participants of a poll at an instant, as `LocalTimes` takes them. */
export const participantsAt = (participants, ms) =>
  participants.map(({ id, name, time_zone }) => ({ id, name, local: wallTimeAt(ms, time_zone), outside: 0 }));
