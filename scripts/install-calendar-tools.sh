#!/usr/bin/env bash
# Puts what the tests of recurrences need (recurring-ical-events on dateutil) into .venv/calendar, as far as it is missing.
set -euo pipefail
cd "$(dirname "$0")/.."

TOOLS=(icalendar==7.3.2 python-dateutil==2.9.0.post0 recurring-ical-events==3.8.2)
VENV=.venv/calendar
DONE=$VENV/.calendar-tools

[ "$(cat "$DONE" 2>/dev/null)" != "${TOOLS[*]}" ] || exit 0

# Debian has it in a package of its own, and Python says so only once it has begun.
python3 -c 'import ensurepip' 2>/dev/null || scripts/install-test-deps.sh python3-venv
echo "Installing ${TOOLS[*]} into $VENV" >&2
python3 -m venv "$VENV"
"$VENV/bin/pip" install --quiet --disable-pip-version-check "${TOOLS[@]}"
echo "${TOOLS[*]}" >"$DONE"
