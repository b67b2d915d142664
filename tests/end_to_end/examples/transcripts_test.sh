#!/usr/bin/env bash
# Runs what the read-me pages of the examples show: each line "    $ example_..." is run in a folder of its page's own, and must
# print the lines that stand below it, in their order and no others; "..." in a line stands for any text (a time, a path).
# A page of a program without such a line fails: an example that nobody runs is not one.
#
#   transcripts_test.sh BUILD_DIR
set -euo pipefail
export LC_ALL=C.UTF-8
build="$1"
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)"
scratch="$(mktemp -d)"
trap 'rm -rf "$scratch"' EXIT
failures=0

# matches EXPECTED ACTUAL: files of lines.
matches() {
    [[ $(wc -l <"$1") == $(wc -l <"$2") ]] || return 1
    local want have
    while IFS= read -r want <&3 && IFS= read -r have <&4; do
        want="$(printf '%s' "$want" | sed 's/[][\\*?]/\\&/g; s/\.\.\./*/g')"
        # shellcheck disable=SC2053 # the pattern is meant as one
        [[ $have == $want ]] || return 1
    done 3<"$1" 4<"$2"
}

check() {
    local page="$1" command="$2" expected="$3" name program
    name="${command%% *}"
    program="$build/examples/${name#example_}/$name"
    # The program may end itself by a signal: that is what one of them shows.
    (cd "$scratch/here" && TMPDIR="$scratch/here" "$program" ${command#"$name"}) >"$scratch/out" 2>"$scratch/err" || true
    sed -i 's/ *$//' "$scratch/out"
    if ! matches "$expected" "$scratch/out"; then
        echo "$page: $command"
        diff -u "$expected" "$scratch/out" || true
        cat "$scratch/err"
        failures=$((failures + 1))
    fi
}

run_page() {
    local page="$1" command="" line
    rm -rf "$scratch/here" && mkdir -p "$scratch/here"
    local seen=0
    while IFS= read -r line || [[ -n $line ]]; do
        if [[ $line == '    $ example_'* || $line != '    '* ]]; then
            [[ -z $command ]] || check "$page" "$command" "$scratch/expected"
            command=""
        fi
        if [[ $line == '    $ example_'* ]]; then
            command="${line#'    $ '}"
            : >"$scratch/expected"
            seen=$((seen + 1))
        elif [[ -n $command ]]; then
            printf '%s\n' "${line#'    '}" | sed 's/ *$//' >>"$scratch/expected"
        fi
    done < <(cat "$page"; echo)
    if [[ $seen == 0 ]]; then
        echo "$page shows no run of its program (a line '    \$ example_...')"
        failures=$((failures + 1))
    fi
}

for main in "$root"/examples/*/main.cpp; do
    run_page "$(dirname "$main")/README.md"
done
if [[ $failures -gt 0 ]]; then
    echo "$failures pages or runs are not as shown"
    exit 1
fi
