#!/usr/bin/env bash
# Puts what the tests of the web page need (Debian's Chromium, and Playwright with axe-core in .venv/page) in place, as far
# as it is missing.
set -euo pipefail
cd "$(dirname "$0")/.."

# The second font has Arabic letters.
scripts/install-test-deps.sh chromium fonts-dejavu-core fonts-noto-core
scripts/install-python-tools.sh .venv/page playwright==1.65.2 pytest==9.2.0 pytest-xdist==3.8.0 axe-playwright-python==0.1.8
