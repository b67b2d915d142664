# The long proofs. Each item (a test, a fuzz target, a build) is one row of out/prove/results.tsv; what passed for the same
# sources is not run again, so a run that was cut short is simply started again.
prove_areas=(clang asan tsan fuzz kills seeds terraform states rest tidy)
prove_minutes="${SLIPWAY_PROVE_MINUTES:-60}"
fuzz_seconds="${SLIPWAY_FUZZ_SECONDS:-60}"
results=out/prove/results.tsv

# Names the sources exactly: the commit, and a digest of whatever differs from it.
sources_id() {
    local id
    id="$(git rev-parse --short=12 HEAD 2>/dev/null || echo none)"
    if [[ -n "$(git status --porcelain 2>/dev/null)" ]]; then
        id+="+$({ git diff HEAD; git status --porcelain; } | sha256sum | cut -c1-8)"
    fi
    echo "$id"
}

already_passed() { awk -F'\t' -v a="$1" -v i="$2" -v s="$sources" '$2==a && $3==i && $4=="pass" && $6==s {f=1} END {exit !f}' "$results"; }

record() { printf '%s\t%s\t%s\t%s\t%s\t%s\n' "$(date -u +%FT%TZ)" "$1" "$2" "$3" "$4" "$sources" >>"$results"; }

seconds_left() { echo $((deadline - SECONDS)); }

# prove_item AREA ITEM COMMAND...: runs it within the time that the area has left and records the result.
prove_item() {
    local area="$1" item="$2" start=$SECONDS left result=pass log="out/prove/$1-$2.log"
    shift 2
    already_passed "$area" "$item" && { echo "   $area $item: passed before"; return 0; }
    left="$(seconds_left)"
    if ((left <= 5)); then
        unreached+=("$area/$item")
        return 0
    fi
    if declare -F "$1" >/dev/null; then
        set -- bash -euc '"$@"' prove "$@"
    fi
    timeout --kill-after=20 "$left" "$@" >"$log" 2>&1 </dev/null || result=fail
    if [[ $result == fail ]] && (($(seconds_left) <= 0)); then
        unreached+=("$area/$item")
        echo "   $area $item: cut off by the time limit ($log)"
        return 0
    fi
    record "$area" "$item" "$result" $((SECONDS - start))
    echo "   $area $item: $result in $((SECONDS - start)) s"
    if [[ $result == fail ]]; then
        failed+=("$area/$item")
        tail -25 "$log"
    fi
}

test_names() { ctest --test-dir "$1" -N "${@:2}" 2>/dev/null | sed -n 's/^ *Test *#[0-9]*: //p'; }

# Adds what a test counted in this run (its lines "figures: ...") to out/prove/figures.tsv: they add up over runs.
keep_figures() {
    local log="out/prove/$1-$2.log"
    [[ -f $log && $log -nt $results_before ]] || return 0
    sed -n 's/^[0-9]*: *figures: //p' "$log" |
        while IFS= read -r line; do printf '%s\t%s\t%s\t%s\n' "$(date -u +%FT%TZ)" "$2" "$line" "$sources"; done >>out/prove/figures.tsv
    touch "$results_before"
}

# prove_tests AREA BUILD_DIR CTEST_FILTER...
prove_tests() {
    local area="$1" dir="$2" name names
    shift 2
    names="$(test_names "$dir" "$@")"
    if [[ -z $names ]]; then
        echo "   $area: no test of that name"
        return 0
    fi
    while IFS= read -r name; do
        # -V: the figures that a test prints are kept in its log, and added to figures.tsv.
        prove_item "$area" "$name" ctest --test-dir "$dir" -R "^$name\$" -V --timeout 3600
        keep_figures "$area" "$name"
        collect_parts "$dir"
    done <<<"$names"
}

area_clang() { prove_item clang build in_preset clang all; }

area_asan() {
    build_or_fail asan asan tests_quick tests_full || return 0
    prove_tests asan build/asan -L '^(quick|full)$'
}

area_tsan() {
    build_or_fail tsan tsan tests_quick tests_full || return 0
    prove_tests tsan build/tsan -L '^(quick|full)$'
}

area_fuzz() {
    build_or_fail fuzz fuzz fuzzers || return 0
    local target corpus work
    for target in build/fuzz/fuzz/*; do
        [[ -x $target && -f $target ]] || continue
        corpus="$(cat "$target.corpus")"
        work="out/prove/corpus/${target##*/}"
        mkdir -p "$work"
        prove_item fuzz "${target##*/}" "$target" -max_total_time="$fuzz_seconds" -timeout=10 -rss_limit_mb=2048 \
            -artifact_prefix=out/prove/ -print_final_stats=1 "$work" "$corpus"
        fuzz_figures "${target##*/}"
    done
}

fuzz_figures() {
    local runs
    runs="$(sed -n 's/^stat::number_of_executed_units: *//p' "out/prove/fuzz-$1.log" 2>/dev/null || true)"
    [[ -z $runs ]] || printf '%s\t%s\t%s\t%s\n' "$(date -u +%FT%TZ)" "$1" "$runs" "$sources" >>out/prove/fuzz.tsv
}

# Tests of the prove tier stand for an area by their name (kill, seed, terraform, state); "rest" is what no other area claims.
area_named() {
    local targets=tests_prove
    # The search needs the core alone.
    [[ $1 != states ]] || targets=tests_prove_core
    build_or_fail "$1" prove "$targets" || return 0
    prove_tests "$1" build/prove -L '^prove$' -R "${1%s}"
}

area_rest() {
    build_or_fail rest prove tests_prove || return 0
    prove_tests rest build/prove -L '^prove$' -E 'kill|seed|terraform|state'
}

area_tidy() {
    # A folder of its own, only configured: clang cannot read the headers that g++ precompiled.
    configure dev -B build/tidy -DSLIPWAY_PCH=OFF -DSLIPWAY_BUILD_BENCH=ON
    local file room
    while IFS= read -r file; do
        # Headers are seen through the sources that include them; doctest's macros would drown the tests' own findings.
        case "$file" in *.hpp | tests/* | bench/*) continue ;; esac
        grep -qF "\"$PWD/$file\"" build/tidy/compile_commands.json || continue
        echo "$file"
    done < <(source_files) >out/prove/tidy-files.txt
    # A room is an item: all of it together can take longer than an area may.
    while IFS= read -r room; do
        prove_item tidy "${room//\//_}" run_clang_tidy "$room"
    done < <(xargs -d '\n' dirname <out/prove/tidy-files.txt | sort -u)
}

# Two at a time: one file takes seconds, most of them spent on headers.
run_clang_tidy() {
    grep -E "^$1/[^/]+\$" out/prove/tidy-files.txt |
        xargs -d '\n' -P2 -n4 clang-tidy -p build/tidy --quiet --extra-arg=-Wno-unknown-warning-option
}

in_preset() {
    local preset="$1"
    shift
    cmake --preset "$preset" && ninja -C "build/$preset" -j"$jobs" "$@"
}

build_or_fail() {
    local area="$1"
    shift
    prove_item "$area" build in_preset "$@"
    # A build that passed before may have been removed since.
    already_passed "$area" build && in_preset "$@" >"out/prove/$area-build.log" 2>&1
}

prove_area() {
    local area="$1"
    deadline=$((SECONDS + prove_minutes * 60))
    say "prove: $area (at most $prove_minutes min)"
    case "$area" in
    clang | asan | tsan | fuzz | rest | tidy) "area_$area" ;;
    kills | seeds | terraform | states) area_named "$area" ;;
    esac
}

check_areas() {
    local area
    for area in "$@"; do
        [[ " ${prove_areas[*]} " == *" $area "* ]] || die "unknown area '$area': one of ${prove_areas[*]}"
    done
}

prove_main() {
    local area deadline sources failed=() unreached=()
    local areas=("$@")
    [[ ${#areas[@]} -gt 0 ]] || areas=("${prove_areas[@]}")
    mkdir -p out/prove
    touch "$results"
    local results_before=out/prove/.since
    touch "$results_before"
    sources="$(sources_id)"
    export SLIPWAY_PROVE_OUT="$PWD/out/prove" jobs
    export -f in_preset run_clang_tidy
    reset_parts
    for area in "${areas[@]}"; do
        prove_area "$area"
    done
    print_parts
    if [[ ${#unreached[@]} -gt 0 ]]; then
        say "not reached within the time limit, start again to go on: ${unreached[*]}"
    fi
    [[ ${#failed[@]} -eq 0 ]] || die "failed: ${failed[*]}"
    say "proved: ${areas[*]} (rows in $results)"
}
