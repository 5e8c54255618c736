#!/usr/bin/env bash
# Runs fuzz targets, each for SECONDS_EACH seconds (60): those that are named, or all. What they learn stays in
# target/fuzz-corpus; the inputs of fuzz/corpus are where they begin.
set -euo pipefail
cd "$(dirname "$0")/.."

version=0.13.2
tools=$PWD/target/fuzz-tools
if ! "$tools/bin/cargo-fuzz" --version 2>/dev/null | grep -qF "$version"; then
    cargo install --quiet --locked --root "$tools" --version "$version" cargo-fuzz
fi

# The same versions as everywhere; cargo adds what only the targets need.
cp Cargo.lock fuzz/Cargo.lock

targets=("$@")
if [ ${#targets[@]} -eq 0 ]; then
    mapfile -t targets < <(find fuzz/fuzz_targets -name '*.rs' -printf '%f\n' | sed 's/\.rs$//' | sort)
fi
for target in "${targets[@]}"; do
    learnt=target/fuzz-corpus/$target
    mkdir -p "$learnt"
    # Memory-safe code needs no sanitizer, and without one the stable compiler will do. Overflows and assertions are found.
    PATH="$tools/bin:$PATH" cargo fuzz run --sanitizer none --target-dir target/fuzz "$target" "$learnt" "fuzz/corpus/$target" -- \
        -max_total_time="${SECONDS_EACH:-60}" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1
done
