#!/usr/bin/env bash
# Installs the servers that the tests start, and the Debian packages named as arguments, as far as they are missing.
# Servers that come with a package installed here are neither started nor enabled; those that were there stay as they are.
set -euo pipefail

POLICY=/usr/sbin/policy-rc.d

# Each program that is looked for, with the package that brings it.
needed() {
  ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || echo postgresql
  has redis-server || echo redis-server
  has rabbitmq-server || echo rabbitmq-server
  has nginx || echo nginx-light
  has pgbouncer || echo pgbouncer
  has curl || echo curl
  has dovecot || echo dovecot-imapd
  has postfix || echo postfix
  has promtool || echo prometheus
  has setpriv || echo util-linux
  has cc || echo build-essential
  local package
  for package in "$@"; do
    has "$package" || is_installed "$package" || echo "$package"
  done
}

# Debian keeps servers out of an ordinary user's PATH.
has() {
  PATH=$PATH:/usr/sbin:/sbin command -v "$1" >/dev/null
}

# For packages that bring no program of their name.
is_installed() {
  [ "$(dpkg-query -W -f '${db:Status-Abbrev}' "$1" 2>/dev/null)" = 'ii ' ]
}

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

fail() {
  echo "$@" >&2
  exit 1
}

installed() {
  dpkg-query -W -f '${Package} ${db:Status-Abbrev}\n' | sed -n 's/ ii *$//p' | sort
}

# The systemd units (and init scripts, which have the same names) that a package brings.
units_of() {
  dpkg-query -L "$1" 2>/dev/null | sed -nE 's#^(/usr)?/lib/systemd/system/([^/@]+)\.(service|socket)$#\2.\3#p'
}

# Debian's packages start their servers unless this program says that they must not.
forbid_starts() {
  [ ! -e "$POLICY" ] || return 0
  policy_is_ours=yes
  printf '#!/bin/sh\nexit 101\n' | as_root tee "$POLICY" >/dev/null
  as_root chmod 755 "$POLICY"
}

# Not started now, and not at the next boot either.
disable() {
  has systemctl || return 0
  local package units
  for package in "$@"; do
    mapfile -t units < <(units_of "$package")
    [ ${#units[@]} = 0 ] || as_root systemctl disable --quiet "${units[@]}" || true
  done
}

mapfile -t missing < <(needed "$@")
[ ${#missing[@]} != 0 ] || exit 0

# Debian has one mail server at a time, and takes the other one away.
if [[ " ${missing[*]} " = *" postfix "* ]] && has sendmail; then
  fail "Missing: postfix, which would replace the mail server that is installed here. If that is right: apt-get install postfix"
fi

has apt-get || fail "Missing: ${missing[*]}. This script knows Debian's packages only; install these by your own means."
[ "$(id -u)" = 0 ] || has sudo || fail "Missing: ${missing[*]}. As root: apt-get install ${missing[*]}"

echo "Installing ${missing[*]}" >&2
before=$(installed)
policy_is_ours=no
trap '[ $policy_is_ours = no ] || as_root rm -f "$POLICY"' EXIT
forbid_starts
as_root apt-get update -qq >&2
as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq -o Dpkg::Use-Pty=0 --no-install-recommends "${missing[@]}" >&2
mapfile -t new < <(comm -13 <(echo "$before") <(installed))
disable "${new[@]}"

mapfile -t missing < <(needed "$@")
[ ${#missing[@]} = 0 ] || fail "Still missing after the installation: ${missing[*]}"
