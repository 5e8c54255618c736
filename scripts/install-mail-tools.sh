#!/usr/bin/env bash
# Puts the mail server that tests log in to (aiosmtpd) into .venv/mail, as far as it is missing.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/install-python-tools.sh .venv/mail aiosmtpd==1.4.6
