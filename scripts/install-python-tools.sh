#!/usr/bin/env bash
# Puts tools from PyPI into a virtual environment of their own, as far as they are missing: install-python-tools.sh VENV TOOL==VERSION...
set -euo pipefail
cd "$(dirname "$0")/.."

VENV=$1
shift
DONE=$VENV/.tools

[ "$(cat "$DONE" 2>/dev/null)" != "$*" ] || exit 0

# Debian has it in a package of its own, and Python says so only once it has begun.
python3 -c 'import ensurepip' 2>/dev/null || scripts/install-test-deps.sh python3-venv
echo "Installing $* into $VENV" >&2
python3 -m venv "$VENV"
"$VENV/bin/pip" install --quiet --disable-pip-version-check "$@"
echo "$*" >"$DONE"
