#!/usr/bin/env bash
# Puts what the tests of recurrences need (recurring-ical-events on dateutil) into .venv/calendar, as far as it is missing.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/install-python-tools.sh .venv/calendar icalendar==7.3.2 python-dateutil==2.9.0.post0 recurring-ical-events==3.8.2
