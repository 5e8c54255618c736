#!/usr/bin/env bash
# Puts what the tests of the API's description need (Schemathesis, a generator of clients) into .venv/api, as far as it is
# missing. The charts' tools beside it want other versions of the same libraries.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/install-python-tools.sh .venv/api schemathesis==4.32.5 openapi-python-client==0.29.1
