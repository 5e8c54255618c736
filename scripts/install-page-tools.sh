#!/usr/bin/env bash
# Puts what the tests of the web page need (Debian's Chromium, and Playwright with axe-core in .venv/page) in place, as far
# as it is missing.
set -euo pipefail
cd "$(dirname "$0")/.."

TOOLS=(playwright==1.65.2 pytest==9.2.0 pytest-xdist==3.8.0 axe-playwright-python==0.1.8)
VENV=.venv/page
DONE=$VENV/.page-tools

# The second font has Arabic letters.
scripts/install-test-deps.sh chromium fonts-dejavu-core fonts-noto-core

[ "$(cat "$DONE" 2>/dev/null)" != "${TOOLS[*]}" ] || exit 0

# Debian has it in a package of its own, and Python says so only once it has begun.
python3 -c 'import ensurepip' 2>/dev/null || scripts/install-test-deps.sh python3-venv
echo "Installing ${TOOLS[*]} into $VENV" >&2
python3 -m venv "$VENV"
"$VENV/bin/pip" install --quiet --disable-pip-version-check "${TOOLS[@]}"
echo "${TOOLS[*]}" >"$DONE"
