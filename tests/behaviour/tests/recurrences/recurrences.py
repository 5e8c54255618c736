"""Recurrences by another reading: random rules in random zones, laid out by Python's recurring-ical-events (dateutil), have to give
the busy times that POST /users/calendars/read gives."""

import argparse
import datetime as dt
import json
import random
import sys
import urllib.parse
import urllib.request
from zoneinfo import ZoneInfo

import recurring_ical_events
from dateutil.rrule import rrulestr
from icalendar import Calendar

ZONES = (
    "Europe/Berlin", "Europe/London", "America/New_York", "America/St_Johns", "America/Sao_Paulo", "Australia/Lord_Howe", "Australia/Sydney",
    "Asia/Kolkata", "Asia/Kathmandu", "Africa/Cairo", "Asia/Jerusalem", "America/Santiago", "Pacific/Chatham", "UTC",
)
DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
UTC = dt.timezone.utc
WEEKS = dt.timedelta(weeks=12)


def random_rule(pick):
    """A rule without an end."""
    frequency = pick.choice(("DAILY", "WEEKLY", "MONTHLY", "YEARLY"))
    parts = [f"FREQ={frequency}", f"INTERVAL={pick.choice((1, 1, 1, 2, 3, 5))}"]
    some_days = sorted(pick.sample(DAYS, pick.randint(1, 4)), key=DAYS.index)
    months = sorted(pick.sample(range(1, 13), pick.randint(2, 8)))
    month_days = sorted(pick.sample([*range(1, 32), *range(-31, 0)], pick.randint(1, 4)))
    ordinal = ",".join(f"{pick.choice((1, 2, 3, 4, -1, -2))}{day}" for day in some_days)
    if frequency == "DAILY" and pick.random() < 0.4:
        parts.append(pick.choice(("BYDAY=" + ",".join(some_days), "BYMONTH=" + ",".join(map(str, months)))))
    if frequency == "WEEKLY":
        parts += ["BYDAY=" + ",".join(some_days), f"WKST={pick.choice(('MO', 'SU'))}"]
    if frequency == "MONTHLY":
        parts += pick.choice((
            ["BYMONTHDAY=" + ",".join(map(str, month_days))],
            ["BYDAY=" + ordinal],
            ["BYDAY=" + ",".join(some_days), f"BYSETPOS={pick.choice((1, 2, -1))}"],
            ["BYDAY=" + ",".join(some_days), "BYMONTHDAY=" + ",".join(map(str, range(8, 20)))],
        ))
    if frequency == "YEARLY":
        parts += pick.choice((
            ["BYMONTH=" + ",".join(map(str, months)), "BYMONTHDAY=" + ",".join(map(str, month_days))],
            ["BYMONTH=" + ",".join(map(str, months)), "BYDAY=" + ordinal],
            ["BYYEARDAY=" + ",".join(map(str, sorted(pick.sample([*range(1, 366), *range(-365, 0)], 20))))],
            ["BYWEEKNO=" + ",".join(map(str, sorted(pick.sample(range(1, 53), 10)))), "BYDAY=" + some_days[0]],
        ))
    return ";".join(parts)


def event(pick, start_of_window):
    """The lines of a recurring event that may fall into the window, and its zone; None for a rule that never happens."""
    zone = pick.choice(ZONES)
    rule = random_rule(pick)
    base = start_of_window.replace(tzinfo=None) - dt.timedelta(days=pick.choice((0, 3, 40, 200, 700)))
    base = base.replace(hour=pick.randint(0, 23), minute=pick.choice((0, 15, 30, 45)))
    # The first time has to be one of the rule: what is else is not laid down.
    first = next(iter(rrulestr(rule, dtstart=base)), None)
    if first is None or first > base + dt.timedelta(days=3000):
        return None
    ending = pick.choice(("", "", "COUNT", "UNTIL"))
    if ending == "COUNT":
        rule += f";COUNT={pick.randint(1, 400)}"
    if ending == "UNTIL":
        until = (first + dt.timedelta(days=pick.randint(0, 900))).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
        rule += until.strftime(";UNTIL=%Y%m%dT%H%M%SZ")
    local = lambda time: time.strftime("%Y%m%dT%H%M%S")
    name = "" if zone == "UTC" else f";TZID={zone}"
    mark = "Z" if zone == "UTC" else ""
    lines = [f"DTSTART{name}:{local(first)}{mark}", f"DURATION:PT{pick.choice((15, 30, 60, 90, 600))}M", f"RRULE:{rule}"]
    occurrences = [time for _, time in zip(range(60), rrulestr(rule.split(";UNTIL")[0], dtstart=first))]
    for time in pick.sample(occurrences, min(len(occurrences), pick.choice((0, 0, 1, 3)))):
        lines.append(f"EXDATE{name}:{local(time)}{mark}")
    return lines


def merged(ranges):
    result = []
    for start, end in sorted(ranges):
        if result and start <= result[-1][1]:
            result[-1] = (result[-1][0], max(result[-1][1], end))
        else:
            result.append((start, end))
    return result


def cut(ranges, start, end):
    return [(max(one, start), min(other, end)) for one, other in ranges if one < end and other > start]


def expected(text, start, end):
    found = recurring_ical_events.of(Calendar.from_ical(text)).between(start - dt.timedelta(days=2), end + dt.timedelta(days=2))
    in_utc = lambda time: time.astimezone(UTC)
    # An end of theirs is counted on the clocks, which is no length where clocks change.
    length = Calendar.from_ical(text).walk("VEVENT")[0]["DURATION"].dt
    times = [(in_utc(one.start), in_utc(one.start) + length) for one in found]
    return cut(merged(times), start, end)


def given(base, text, start, end):
    query = urllib.parse.urlencode({"from": start.strftime("%Y-%m-%dT%H:%M:%SZ"), "to": end.strftime("%Y-%m-%dT%H:%M:%SZ"), "time_zone": "UTC"})
    request = urllib.request.Request(f"{base}/users/calendars/read?{query}", text.encode(), {"Content-Type": "text/calendar"})
    with urllib.request.urlopen(request, timeout=10) as reply:
        read = json.load(reply)
    if read["problems"]:
        return read["problems"]
    return cut([(dt.datetime.fromisoformat(one["start"]), dt.datetime.fromisoformat(one["end"])) for one in read["busy"]], start, end)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("base", help="where the gateway is, such as http://127.0.0.1:8080")
    parser.add_argument("--events", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    pick, compared, busy, wrong = random.Random(args.seed), 0, 0, []
    while compared < args.events:
        start = dt.datetime(2026, 1, 1, tzinfo=UTC) + dt.timedelta(days=pick.randint(0, 700))
        lines = event(pick, start)
        if lines is None:
            continue
        text = "\r\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//x//x//EN", "BEGIN:VEVENT", "UID:x", "DTSTAMP:20260101T000000Z", *lines, "END:VEVENT", "END:VCALENDAR", ""])
        ours, theirs = given(args.base, text, start, start + WEEKS), expected(text, start, start + WEEKS)
        compared, busy = compared + 1, busy + len(theirs)
        if ours != theirs:
            wrong.append((lines, start, ours, theirs))
    for lines, start, ours, theirs in wrong[:10]:
        if isinstance(ours, list) and ours and isinstance(ours[0], dict):
            print("\n".join([*lines, f"from {start}", f"problems {ours}", ""]))
            continue
        shown = lambda times: [f"{one.isoformat()}/{other.isoformat()}" for one, other in times][:6]
        print("\n".join([*lines, f"from {start}", f"only ours   {shown(set(ours) - set(theirs))}", f"only theirs {shown(set(theirs) - set(ours))}", ""]))
    print(f"{compared} events with {busy} busy times compared, {len(wrong)} differ")
    sys.exit(1 if wrong or busy < compared else 0)


if __name__ == "__main__":
    main()
