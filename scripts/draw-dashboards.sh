#!/usr/bin/env bash
# Takes pictures of the pages that the live test has drawn: draw-dashboards.sh PAGES PICTURES
set -euo pipefail
pages=$1 pictures=$2

command -v chromium >/dev/null || { echo 'chromium is missing; on Debian: apt-get install chromium' >&2; exit 1; }
mkdir -p "$pictures"
profile=$(mktemp -d)
trap 'rm -rf "$profile"' EXIT
for page in "$pages"/w2meet-*.html; do
  [ -e "$page" ] || { echo "there are no pages in $pages; the live test draws them" >&2; exit 1; }
  # As high as the page says it is.
  height=$(sed -n 's/.*data-height="\([0-9]*\)".*/\1/p' "$page")
  chromium --headless --no-sandbox --disable-gpu --hide-scrollbars --user-data-dir="$profile" \
    --window-size=1440,"$height" --screenshot="$pictures/$(basename "$page" .html).png" "file://$(realpath "$page")" 2>/dev/null
done
