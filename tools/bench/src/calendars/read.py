"""Reads when somebody is busy in twelve weeks by a calendar on standard input; seconds and MiB on standard output."""

import datetime
import json
import resource
import sys
import time

import icalendar
import recurring_ical_events


def peak_mib():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


file = sys.stdin.buffer.read()
memory, before = peak_mib(), time.process_time()
calendar = icalendar.Calendar.from_ical(file)
start = datetime.datetime(2027, 1, 4, tzinfo=datetime.timezone.utc)
events = recurring_ical_events.of(calendar).between(start, start + datetime.timedelta(weeks=12))
busy = sorted((event["DTSTART"].dt, event["DTEND"].dt) for event in events)
seconds = time.process_time() - before
print(json.dumps({"busy": len(busy), "cpu_ms": seconds * 1000, "mib": peak_mib() - memory}))
