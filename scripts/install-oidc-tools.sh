#!/usr/bin/env bash
# Puts the provider of identities that tests sign in by (oidc-provider of npm) into .venv/oidc-provider, as far as it is missing.
set -euo pipefail
cd "$(dirname "$0")/.."

FOLDER=.venv/oidc-provider
WANTED=oidc-provider@9.13.3

[ "$(cat "$FOLDER/.tools" 2>/dev/null)" != "$WANTED" ] || exit 0

# Debian's packages; a node that is there already is taken.
{ command -v node && command -v npm; } >/dev/null || scripts/install-test-deps.sh nodejs npm
echo "Installing $WANTED into $FOLDER" >&2
mkdir -p "$FOLDER"
# No script of any package runs.
npm install --prefix "$FOLDER" --no-audit --no-fund --no-update-notifier --ignore-scripts --loglevel=error "$WANTED" >&2
echo "$WANTED" >"$FOLDER/.tools"
