#!/usr/bin/env bash
# Puts what the tests of the API's description need (Schemathesis, a generator of clients) into .venv/api, as far as it is
# missing. The charts' tools beside it want other versions of the same libraries.
set -euo pipefail
cd "$(dirname "$0")/.."

TOOLS=(schemathesis==4.32.5 openapi-python-client==0.29.1)
VENV=.venv/api
DONE=$VENV/.api-tools

[ "$(cat "$DONE" 2>/dev/null)" != "${TOOLS[*]}" ] || exit 0

# Debian has it in a package of its own, and Python says so only once it has begun.
python3 -c 'import ensurepip' 2>/dev/null || scripts/install-test-deps.sh python3-venv
echo "Installing ${TOOLS[*]} into $VENV" >&2
python3 -m venv "$VENV"
"$VENV/bin/pip" install --quiet --disable-pip-version-check "${TOOLS[@]}"
echo "${TOOLS[*]}" >"$DONE"
