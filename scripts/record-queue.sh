#!/usr/bin/env bash
# Records what is published to a queue, second by second, as CSV on standard output: second,publishes.
# It reads the totals that RabbitMQ's management API tells of the queue. A broker brings them up to date every 5 s, so
# that five seconds come as one, unless its configuration says `collect_statistics_interval = 1000` and
# `management.sample_retention_policies.{global,basic,detailed}.minute = 1`.
set -euo pipefail

usage() {
  cat >&2 <<'EOF'
usage: record-queue.sh QUEUE [SECONDS]     (600 seconds if not said)
  MANAGEMENT_URL   http://localhost:15672 if not said
  VHOST            percent-encoded; %2F, which is /, if not said
  NETRC            a netrc file with the user and password for that host
EOF
  exit 2
}

fail() {
  echo "$@" >&2
  exit 1
}

[ $# = 1 ] || [ $# = 2 ] || usage
queue=$1
seconds=${2:-600}
[[ $seconds =~ ^[1-9][0-9]*$ ]] || fail "SECONDS: $seconds is no whole number above 0"
[ -r "${NETRC:-}" ] || fail "NETRC: ${NETRC:-nothing} is no file that can be read"
command -v curl >/dev/null || fail "curl is missing; on Debian: apt-get install curl"
queue_url="${MANAGEMENT_URL:-http://localhost:15672}/api/queues/${VHOST:-%2F}/$queue?columns=message_stats.publish"

# The messages published so far; a queue that never had one tells no number.
published() {
  local answer
  answer=$(curl --silent --show-error --fail --max-time 5 --netrc-file "$NETRC" "$queue_url") || return 1
  sed -nE 's/.*"publish":([0-9]+).*/\1/; t found; s/.*/0/; :found; p' <<<"$answer"
}

before=$(published) || fail "$queue_url does not answer"
echo second,publishes
start=$(date +%s)
for ((second = 0; second < seconds; second++)); do
  # The end of this second, however long the question took.
  left=$(awk -v end="$((start + second + 1))" -v now="$(date +%s.%N)" 'BEGIN { left = end - now; print (left > 0 ? left : 0) }')
  sleep "$left"
  now=$(published) || now=$before
  # A smaller total is a reset; what came since then counts.
  if ((now < before)); then before=0; fi
  echo "$second,$((now - before))"
  before=$now
done
