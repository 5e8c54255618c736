import { WEEKDAY_NAMES, minutesOfTime } from "../wall-time.js";

/** What an answer says of a cell, by its number. */
export const LEVEL_NAMES = ["no", "if_needed", "yes"];
export const LEVEL_NO = 0;
export const LEVEL_IF_NEEDED = 1;
export const LEVEL_YES = 2;

const QUARTER = 900_000;
const DAY_QUARTERS = 96;
const WEEK_QUARTERS = 7 * DAY_QUARTERS;

const slotInstant = (ms) => new Date(ms).toISOString().replace(".000Z", "Z");

/** The ranges with their level that levels by cell are, as `PUT …/answer` takes them. */
export function rangesOf(levels, layout) {
  const ranges = [];
  let open = null;
  layout.cells.forEach((cell, index) => {
    const level = levels[index];
    if (open && open.level === level && open.end === cell.start) open.end = cell.end;
    else if (level === LEVEL_NO) open = null;
    else ranges.push(open = { start: cell.start, end: cell.end, level });
  });
  return ranges.map(({ start, end, level }) => ({ start: slotInstant(start), end: slotInstant(end), level: LEVEL_NAMES[level] }));
}

/** The levels by cell that ranges are; a cell has the least of the levels within it. */
export function levelsOf(ranges, layout) {
  const covered = { yes: new Float64Array(layout.cells.length), any: new Float64Array(layout.cells.length) };
  for (const range of ranges) {
    const [start, end] = [Date.parse(range.start), Date.parse(range.end)];
    forCellsWithin(layout, start, end, (cell, index) => {
      const within = Math.min(end, cell.end) - Math.max(start, cell.start);
      covered.any[index] += within;
      if (range.level === "yes") covered.yes[index] += within;
    });
  }
  return Uint8Array.from(layout.cells, ({ start, end }, index) => {
    if (covered.yes[index] >= end - start) return LEVEL_YES;
    return covered.any[index] >= end - start ? LEVEL_IF_NEEDED : LEVEL_NO;
  });
}

/** Whether levels by cell of one layout are those of the other: it is in another zone at most. */
export const isSameTimes = (one, other) =>
  one.cells.length === other.cells.length && one.cells.every(({ start, end }, index) => start === other.cells[index].start && end === other.cells[index].end);

/** 1 for each cell of which a range takes a part, as busy times do; for `setHints`. */
export function hintsOf(ranges, layout) {
  const hints = new Uint8Array(layout.cells.length);
  for (const range of ranges) {
    forCellsWithin(layout, Date.parse(range.start), Date.parse(range.end), (cell, index) => { hints[index] = 1; });
  }
  return hints;
}

function forCellsWithin(layout, start, end, visit) {
  // The first cell that ends after the start.
  let [low, high] = [0, layout.cells.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (layout.cells[middle].end > start) high = middle;
    else low = middle + 1;
  }
  for (; low < layout.cells.length && layout.cells[low].start < end; low++) visit(layout.cells[low], low);
}

/** The answer to a weekly poll that levels by cell are: rules in the zone of the layout. */
export function weeklyRulesOf(levels, layout) {
  const week = new Uint8Array(WEEK_QUARTERS);
  layout.cells.forEach((cell, index) => {
    const row = layout.rows[cell.row];
    const day = layout.columns[cell.column].day + (row.nextDay ? 1 : 0);
    const first = day * DAY_QUARTERS + minutesOfTime(row.time) / 15;
    // What comes twice in one week comes once in the others.
    if (!row.again) for (let quarter = 0; quarter < cell.slots; quarter++) week[(first + quarter) % WEEK_QUARTERS] = levels[index];
  });
  const weekly = [];
  for (let day = 0; day < 7; day++) {
    let from = 0;
    for (let quarter = 1; quarter <= DAY_QUARTERS; quarter++) {
      const level = week[day * DAY_QUARTERS + from];
      if (quarter < DAY_QUARTERS && week[day * DAY_QUARTERS + quarter] === level) continue;
      if (level !== LEVEL_NO) {
        weekly.push({ day: WEEKDAY_NAMES[day], from: clockText(from), to: clockText(quarter), level: LEVEL_NAMES[level] });
      }
      from = quarter;
    }
  }
  return { time_zone: layout.zone, weekly };
}

function clockText(quarter) {
  const two = (number) => String(number).padStart(2, "0");
  return `${two(Math.floor(quarter / 4))}:${two((quarter % 4) * 15)}`;
}

/** The levels by cell that an answer to a weekly poll is; its zone may be another than the layout's. */
export const levelsOfWeekly = ({ time_zone: zone, weekly }, layout) => levelsOfWeek(weekOfRules(weekly), zone, layout);

/** 1 for each cell of which times of every week, on the clocks of a zone, take a part. */
export function hintsOfWeekly(weekly, zone, layout) {
  const week = weekOfRules(weekly.map((hours) => ({ ...hours, level: "yes" })));
  const quarterOf = quarterOfWeekIn(zone);
  return Uint8Array.from(layout.cells, ({ start, end }) => {
    for (let at = start; at < end; at += QUARTER) if (week[quarterOf(at)]) return 1;
    return 0;
  });
}

/** Rules as a week of quarters of an hour, Monday's midnight first. */
function weekOfRules(weekly) {
  const week = new Uint8Array(WEEK_QUARTERS);
  for (const rule of weekly) {
    const first = WEEKDAY_NAMES.indexOf(rule.day) * DAY_QUARTERS;
    const [from, to] = [minutesOfTime(rule.from) / 15, minutesOfTime(rule.to) / 15];
    const end = first + to + (to <= from ? DAY_QUARTERS : 0);
    for (let quarter = first + from; quarter < end; quarter++) {
      const at = quarter % WEEK_QUARTERS;
      week[at] = Math.max(week[at], LEVEL_NAMES.indexOf(rule.level));
    }
  }
  return week;
}

/** A week of quarters of an hour on the clocks of a zone, Monday's midnight first, as levels by cell of the layout. */
export function levelsOfWeek(week, zone, layout) {
  const quarterOf = quarterOfWeekIn(zone);
  return Uint8Array.from(layout.cells, ({ start, end }) => {
    let level = LEVEL_YES;
    for (let at = start; at < end; at += QUARTER) level = Math.min(level, week[quarterOf(at)]);
    return level;
  });
}

/** Ranges of dates as a week on the clocks of a zone: what was possible on any Monday is possible on Mondays. */
export function weekOfRanges(ranges, zone) {
  const week = new Uint8Array(WEEK_QUARTERS);
  const quarterOf = quarterOfWeekIn(zone);
  for (const { start, end, level } of ranges) {
    for (let at = Date.parse(start); at < Date.parse(end); at += QUARTER) {
      const quarter = quarterOf(at);
      week[quarter] = Math.max(week[quarter], LEVEL_NAMES.indexOf(level));
    }
  }
  return week;
}

function quarterOfWeekIn(zone) {
  const format = new Intl.DateTimeFormat("en-US", { timeZone: zone, weekday: "long", hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  return (instant) => {
    const parts = Object.fromEntries(format.formatToParts(instant).map(({ type, value }) => [type, value]));
    const day = WEEKDAY_NAMES.indexOf(parts.weekday.toLowerCase());
    return day * DAY_QUARTERS + Number(parts.hour) * 4 + Math.floor(Number(parts.minute) / 15);
  };
}

/**
 * The reply of `GET /availability/polls/{id}/heatmap` by cells of the layout.
 * @returns {{yes: Uint16Array, ifNeeded: Uint16Array, participants: number, answered: number,
 *   people: {id: string, name: string, answered: boolean, view: Uint8Array}[]|null}}
 */
export function heatOf(reply, layout) {
  const { cells } = layout;
  // A weekly poll is the same every week; of one over dates the times may have changed meanwhile.
  const isSame = reply.starts.length === cells.length && (layout.isWeekly || Date.parse(reply.starts[0]) === cells[0].start
    && Date.parse(reply.starts.at(-1)) === cells.at(-1).start);
  const places = isSame ? null : new Map(reply.starts.map((start, at) => [Date.parse(start), at]));
  const placeOf = (index) => (isSame ? index : places.get(cells[index].start));
  const inOrder = (values) => Uint16Array.from(cells, (cell, index) => values[placeOf(index)] ?? 0);
  const people = reply.people?.map(({ id, name, answered, view }) => {
    const bytes = new TextEncoder().encode(view);
    const levels = Uint8Array.from(cells, (cell, index) => (bytes[placeOf(index)] ?? 48) - 48);
    return { id, name, answered, view: levels };
  });
  return {
    yes: inOrder(reply.yes),
    ifNeeded: inOrder(reply.if_needed),
    participants: reply.participants,
    answered: reply.answered,
    people: people ?? null,
  };
}
