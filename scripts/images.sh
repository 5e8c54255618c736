#!/usr/bin/env bash
# Builds the images of the Dockerfile: images.sh build|binaries|archives|kind-load [IMAGE...]; all without a name.
#
#   build      in the store of docker, podman or buildah, whichever is there and works
#   binaries   static binaries, and what belongs beside them, in OUT/root
#   archives   one OCI archive each, OUT/IMAGE.tar, of those binaries: by buildah, without daemon, registry or base image
#   kind-load  into the nodes of a kind cluster: the archives, or what docker has built
#
# Environment: OUT (target/images), PROFILE (release), REPOSITORY (w2meet), TAG (the version), TOOL, KIND_CLUSTER (kind).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

OUT=${OUT:-${CARGO_TARGET_DIR:-target}/images}
PROFILE=${PROFILE:-release}
REPOSITORY=${REPOSITORY:-w2meet}
TAG=${TAG:-$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)}
KIND_CLUSTER=${KIND_CLUSTER:-kind}

fail() {
  echo "images.sh: $*" >&2
  exit 1
}

has() {
  command -v "$1" >/dev/null
}

name() {
  echo "$REPOSITORY/$1:$TAG"
}

# A name without a registry is one of Docker Hub's for every cluster, also where nothing is ever fetched from there.
full_name() {
  case $REPOSITORY in
    *.*/* | *:*/* | localhost/*) name "$1" ;;
    *) echo "docker.io/$(name "$1")" ;;
  esac
}

all_images() {
  sed -n 's/^FROM base AS //p' Dockerfile
}

labels() {
  echo --build-arg "VERSION=$TAG" --build-arg "REVISION=$(git rev-parse HEAD 2>/dev/null || echo unknown)"
}

# docker may be installed without its daemon running.
tool() {
  if [ -n "${TOOL:-}" ]; then
    has "$TOOL" || fail "TOOL=$TOOL is not installed"
    echo "$TOOL"
  elif has docker && docker info >/dev/null 2>&1; then
    echo docker
  elif has podman; then
    echo podman
  elif has buildah; then
    echo buildah
  else
    fail 'neither docker (with its daemon), podman nor buildah is here; make image-archives installs buildah on Debian'
  fi
}

build() {
  local tool image
  tool=$(tool)
  for image in "$@"; do
    rm -f "$OUT/$image.tar"
    # shellcheck disable=SC2046  # words on purpose
    DOCKER_BUILDKIT=1 "$tool" build $(labels) --target "$image" --tag "$(name "$image")" --file Dockerfile .
    echo "$(name "$image") is in the store of $tool"
  done
}

binaries() {
  umask 022
  local host profile_dir built root=$OUT/root image packages=()
  has cargo || fail 'Rust is missing; https://rustup.rs installs it'
  for image in "$@"; do packages+=(--package "$image"); done
  # With a target of its own the flag is for the programs alone; procedural macros cannot be static.
  RUSTFLAGS='-C target-feature=+crt-static' \
    cargo build --locked --profile "$PROFILE" --target host-tuple --bins "${packages[@]}"
  host=$(rustc -vV | sed -n 's/^host: //p')
  profile_dir=${PROFILE/#dev/debug}
  built=${CARGO_TARGET_DIR:-target}/$host/$profile_dir
  rm -rf "$root"
  mkdir -p "$root/bin" "$root/data" "$root/etc/ssl/certs"
  for image in "$@"; do
    strip --strip-all -o "$root/bin/$image" "$built/$image"
  done
  [ -s /etc/ssl/certs/ca-certificates.crt ] || fail 'there are no roots of TLS; on Debian: apt-get install ca-certificates'
  cp -L /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/"
  echo 'hosts: files dns' >"$root/etc/nsswitch.conf"
  echo 'w2meet:x:65532:65532::/:/none' >"$root/etc/passwd"
  echo 'w2meet:x:65532:' >"$root/etc/group"
}

# A program with an interpreter looks for a loader that an empty image does not have.
check_static() {
  local headers
  [ -f "$1" ] || fail "$1 does not exist; scripts/images.sh binaries builds it"
  headers=$(readelf --program-headers --wide "$1") || fail "$1 is no program"
  [[ $headers != *INTERP* ]] || fail "$1 is not static; it could not start in an empty image"
}

archives() {
  local image scratch buildah
  has buildah || fail 'buildah is missing; on Debian: apt-get install buildah'
  for image in "$@"; do check_static "$OUT/root/bin/$image"; done
  scratch=$(mktemp -d)
  # shellcheck disable=SC2064  # the folder of now
  trap "rm -rf '$scratch'" EXIT
  buildah=(buildah --root "$scratch/images" --runroot "$scratch/run" --storage-driver vfs)
  mkdir "$scratch/context"
  for image in "$@"; do
    # The same time for the same commit: the same image for the same binaries.
    # shellcheck disable=SC2046  # words on purpose
    "${buildah[@]}" build --quiet --isolation chroot --format oci $(labels) --target "$image" \
      --timestamp "$(git log -1 --format=%ct 2>/dev/null || echo 0)" \
      --build-context "binaries=$OUT/root" --tag "$(full_name "$image")" --file Dockerfile "$scratch/context" >/dev/null
    rm -f "$OUT/$image.tar"
    "${buildah[@]}" push --quiet "$(full_name "$image")" "oci-archive:$OUT/$image.tar:$(full_name "$image")"
    echo "$OUT/$image.tar"
  done
}

kind_load() {
  local image
  has kind || fail 'kind is missing; https://kind.sigs.k8s.io says how to install it'
  for image in "$@"; do
    if [ -f "$OUT/$image.tar" ]; then
      kind load image-archive "$OUT/$image.tar" --name "$KIND_CLUSTER"
    elif has docker && docker image inspect "$(name "$image")" >/dev/null 2>&1; then
      kind load docker-image "$(name "$image")" --name "$KIND_CLUSTER"
    else
      fail "there is no $OUT/$image.tar and docker has no $(name "$image"); \`make image-archives\` or \`make images\` builds it"
    fi
  done
}

command=${1:-}
[ $# = 0 ] || shift
mapfile -t known < <(all_images)
for image in "$@"; do
  [[ " ${known[*]} " == *" $image "* ]] || fail "there is no image $image; there are: ${known[*]}"
done
[ $# != 0 ] || set -- "${known[@]}"
case $command in
  build) build "$@" ;;
  binaries) binaries "$@" ;;
  archives) archives "$@" ;;
  kind-load) kind_load "$@" ;;
  *) fail "use: scripts/images.sh build|binaries|archives|kind-load [IMAGE...]" ;;
esac
