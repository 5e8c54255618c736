#!/usr/bin/env bash
# Writes charts/w2meet/values-release.yaml: the digest of every image that the chart's values name, as its registry has
# it now. An image that is a list for several architectures gets the digest of the list.
#
# Usage: release-values.sh REGISTRY [TAG]    W2Meet's images are at REGISTRY, by TAG (the chart's appVersion)
#
# Environment: VALUES, another file to write; MIRROR, a registry to ask in place of docker.io; SKOPEO_FLAGS, as
# --authfile=FILE or --tls-verify=false.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

CHART=charts/w2meet
VALUES=${VALUES:-$CHART/values-release.yaml}

fail() {
  echo "release-values.sh: $*" >&2
  exit 1
}

REGISTRY=${1:-}
[ -n "$REGISTRY" ] || fail 'name the registry that has the images, as in: scripts/release-values.sh ghcr.io/example 1.2.3'
TAG=${2:-$(sed -n 's/^appVersion: *"\{0,1\}\([^"]*\)"\{0,1\}$/\1/p' "$CHART/Chart.yaml")}
command -v skopeo >/dev/null || fail 'skopeo is missing; on Debian: apt-get install skopeo'

# The value FILE BLOCK KEY of an image: in the block `image:`, or in that of something else that has an image.
of_image() {
  awk -v block="$2:" -v key="$3:" '/^[a-z]/ { inside = $1 == block }
    inside && $1 == key { gsub(/"/, "", $2); print $2; exit }' "$1"
}

# skopeo prints the manifest as it is stored, and its sum is the digest.
digest() {
  local manifest
  # shellcheck disable=SC2086 # several flags in one variable
  manifest=$(skopeo inspect --raw ${SKOPEO_FLAGS:-} "docker://$1" | sha256sum) || fail "cannot look up $1"
  echo "sha256:${manifest%% *}"
}

# FILE BLOCK of an image that is not ours.
official() {
  local repository
  repository=$(of_image "$1" "$2" repository)
  [ -z "${MIRROR:-}" ] || repository=$MIRROR/${repository#docker.io/}
  echo "$repository:$(of_image "$1" "$2" tag)"
}

partial=$VALUES.partial
trap 'rm -f "$partial"' EXIT
{
  echo '# The images of a release, by digest. Written by scripts/release-values.sh; add it with --values.'
  printf 'global:\n  image:\n    registry: %s\n    tag: "%s"\n' "$REGISTRY" "$TAG"
  for chart in user-service availability-service suggestion-service worker-service operator; do
    found=$(digest "$REGISTRY/$(of_image "charts/$chart/values.yaml" image repository):$TAG")
    printf '%s:\n  image:\n    digest: %s\n' "$chart" "$found"
  done
  for chart in postgresql redis rabbitmq; do
    found=$(digest "$(official "charts/$chart/values.yaml" image)")
    printf '%s:\n  image:\n    digest: %s\n' "$chart" "$found"
  done
  echo 'monitoring:'
  for part in prometheus grafana collector traces; do
    found=$(digest "$(official charts/monitoring/values.yaml "$part")")
    printf '  %s:\n    image:\n      digest: %s\n' "$part" "$found"
  done
  found=$(digest "$(official "$CHART/values.yaml" test)")
  printf 'test:\n  image:\n    digest: %s\n' "$found"
} >"$partial"
mv "$partial" "$VALUES"
echo "The digests are in $VALUES" >&2
