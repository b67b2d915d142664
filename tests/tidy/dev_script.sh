#!/usr/bin/env bash
# The dev script refuses what it does not know, clearly and with a failing status, and counts parts by name.
set -uo pipefail
failures=0

check() {
    if ! eval "$2"; then
        echo "failed: $1" >&2
        failures=$((failures + 1))
    fi
}

refuses() {
    local output code=0
    output="$(./dev "${@:2}" 2>&1 </dev/null)" || code=$?
    check "'dev ${*:2}' fails" "[[ $code -ne 0 ]]"
    check "'dev ${*:2}' says why" "grep -qF -- \"$1\" <<<'${output//\'/}'"
}

refuses "unknown command nonsense" nonsense
refuses "test takes quick, full or all" test nonsense
refuses "unknown area nonsense" prove nonsense
refuses "setup takes --prove or nothing" setup nonsense

usage="$(./dev)"
check "help lists the commands" "grep -q 'prove \[AREA' <<<\"\$usage\""

source .ci/common.bash
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/out" "$work/build/Testing/Temporary"
printf 'x SLIPWAY-SKIPPED-PART: one\nSLIPWAY-SKIPPED-PART: one\nSLIPWAY-ABSENT-PART: KUBECONFIG\n  SLIPWAY-ABSENT-PART: opa \n' \
    >"$work/build/Testing/Temporary/LastTest.log"
counts="$(cd "$work" && reset_parts && collect_parts build && print_parts)"
check "a part counts once" "grep -qx 'real parts skipped: 1 (one)' <<<\"\$counts\""
check "absent parts are named" "grep -qx 'outside parts absent: 2 (KUBECONFIG, opa)' <<<\"\$counts\""
none="$(cd "$work" && reset_parts && print_parts)"
check "no part is zero" "grep -qx 'real parts skipped: 0' <<<\"\$none\""

exit $((failures > 0))
