#!/usr/bin/env bash
# Unpacks the PostgreSQL, Redis and RabbitMQ of a newer Debian into target/servers/SUITE, beside those of this machine, and
# prints the folder: W2MEET_SERVERS_ROOT=$(scripts/newer-servers.sh) cargo test … runs tests on these. Nothing is
# installed; the programs are told to load the newer Debian's C library from the folder.
#
# Usage: newer-servers.sh [SUITE]    trixie if not said
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

SUITE=${1:-trixie}
HERE=$(realpath -m "${CARGO_TARGET_DIR:-target}/servers/$SUITE")
ROOT=$HERE/root

fail() {
  echo "newer-servers.sh: $*" >&2
  exit 1
}

# The packages with all that they need, by apt-get's own rules, into which this machine's packages do not come.
fetch() {
  command -v apt-get >/dev/null || fail 'there is no apt-get here'
  local mirror options
  # shellcheck disable=SC2016 # apt-get expands it
  mirror=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' | grep -v security | head -n 1)
  [ -n "$mirror" ] || fail 'apt-get knows no archive of packages; apt-get update looks for one'
  mkdir -p "$HERE"/apt/{lists,cache/archives}/partial "$HERE/apt/sources"
  : >"$HERE/apt/status"
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $SUITE main" >"$HERE/apt/sources/$SUITE.list"
  options=(-qq -o "Dir::State::lists=$HERE/apt/lists" -o "Dir::State::status=$HERE/apt/status" -o "Dir::Cache=$HERE/apt/cache"
    -o Dir::Etc::sourcelist=/dev/null -o "Dir::Etc::sourceparts=$HERE/apt/sources" -o APT::Install-Recommends=0
    -o APT::Sandbox::User=root -o Debug::NoLocking=1 -o Acquire::Languages=none)
  apt-get "${options[@]}" update >&2
  apt-get "${options[@]}" --yes --download-only install postgresql redis-server rabbitmq-server >/dev/null
}

unpack() {
  local package program libraries=$ROOT/usr/lib/x86_64-linux-gnu
  rm -rf "$ROOT"
  for package in "$HERE"/apt/cache/archives/*.deb; do dpkg-deb --extract "$package" "$ROOT"; done
  for program in "$ROOT"/usr/bin/* "$ROOT"/usr/lib/postgresql/*/bin/* "$ROOT"/usr/lib/erlang/erts-*/bin/* "$ROOT"/usr/lib/erlang/lib/*/priv/bin/*; do
    if [ -L "$program" ] || ! patchelf --print-interpreter "$program" >/dev/null 2>&1; then continue; fi
    patchelf --set-interpreter "$libraries/ld-linux-x86-64.so.2" --force-rpath --set-rpath "$libraries:$libraries/systemd" "$program"
  done
  sed -i "s#\([= ]\)/usr/lib/erlang#\1$ROOT/usr/lib/erlang#" "$ROOT/usr/lib/erlang/bin/erl"
}

if [ ! -e "$HERE/done" ]; then
  [ "$(uname -m)" = x86_64 ] || fail 'it knows the folders of x86-64 alone'
  scripts/install-test-deps.sh patchelf
  echo "Fetching the servers of Debian's $SUITE" >&2
  fetch
  unpack
  rm -rf "$HERE/apt" "$ROOT"/usr/share/{doc,locale,man}
  touch "$HERE/done"
fi
echo "$ROOT"
