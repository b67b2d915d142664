#!/usr/bin/env bash
# The demo tells the same story each time: chapters, commands, what each step did and how often each effect happened are compared
# with demo_story.txt; times, digests and what depends on the instant of the kill are left out. With real Terraform the counts are
# compared as well.
#
#   demo_test.sh simulated|terraform BUILD_DIR        SLIPWAY_ACCEPT=1 writes demo_story.txt anew (simulated)
set -euo pipefail
export LC_ALL=C.UTF-8
mode="$1"
build="$2"
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
root="$(cd "$here/../../.." && pwd)"
scratch="$(mktemp -d)"
trap 'rm -rf "$scratch"' EXIT

if [[ $mode == terraform ]] && ! command -v terraform >/dev/null; then
    echo "SLIPWAY-SKIPPED-PART: terraform"
    exit 0
fi
options=(--remove --build "$build")
[[ $mode == simulated ]] && options+=(--simulate)
if ! bash "$root/examples/daemon/demo.sh" "${options[@]}" >"$scratch/out" 2>&1; then
    cat "$scratch/out"
    exit 1
fi

# Steps of one timeline in the order of their names: those side by side start in any order.
steps() {
    sed -nE '/^== What happened/,/^== Where/p' "$scratch/out" | grep -vE '^(==|$)' |
        sed -E 's/^([a-z0-9-]+  [a-z]+) after .*/\1/; s/^  \+ *[0-9.]+ [a-z]+ +[0-9.]+ [a-z]+ +/  /; s/  [0-9]+ attempts$//; s/ by [^ ]+$/ by SOMEBODY/; s/ +$//' |
        awk '/^[a-z]/ {run = NR; print run "\t0\t" $0; next} {print run "\t1\t" $0}' | sort -t"$(printf '\t')" -k1,1n -k2,2n -k3 | cut -f3
}
{
    grep -E '^(== |\$ )' "$scratch/out" | sed -E 's#/tmp/slipway-demo\.[A-Za-z0-9]+#HOME#g'
    steps
} >"$scratch/story"

if [[ $mode == simulated ]]; then
    [[ -n ${SLIPWAY_ACCEPT:-} ]] && cp "$scratch/story" "$here/demo_story.txt"
    diff -u "$here/demo_story.txt" "$scratch/story"
    exit 0
fi
counts="$(grep -oE '[0-9]+ effects, .*' "$scratch/out")"
diff -u - <(printf '%s\n' "$counts") <<'END'
26 effects, every one of them exactly once
28 effects, but for the web-release that was replaced every one of them exactly once
41 effects, but for the web-release that was replaced every one of them exactly once
END
# Real plans count other changes than made-up ones do; that every step ended well is the same.
diff -u <(grep -oE '^(== .*|\$ .*|[a-z0-9-]+  [a-z]+$)' "$here/demo_story.txt") <(grep -oE '^(== .*|\$ .*|[a-z0-9-]+  [a-z]+$)' "$scratch/story")
