# Shared by dev, .ci/run and .ci/prove.bash; the working directory is the project.
jobs="${SLIPWAY_JOBS:-$(nproc)}"
((jobs > 2)) || jobs=2

base_packages=(
    g++ cmake ninja-build pkg-config ccache mold git ca-certificates strace
    libboost1.81-dev libboost-json1.81-dev libboost-url1.81-dev librocksdb-dev libgit2-dev libtomlplusplus-dev
    libspdlog-dev doctest-dev libssl-dev libarchive-dev libyaml-cpp-dev libcli11-dev libbenchmark-dev
    docker-registry skopeo buildah
)
prove_packages=(clang clang-tidy clang-format libclang-rt-14-dev)

say() { printf '== %s\n' "$*"; }

die() {
    printf 'dev: %s\n' "$*" >&2
    exit 1
}

# Installs what is missing and is silent when nothing is.
ensure_packages() {
    command -v dpkg-query >/dev/null || {
        say "no dpkg here: README.md lists the libraries that the build needs"
        return 0
    }
    local missing=() package
    local installed
    installed="$(dpkg-query -W -f='${db:Status-Abbrev} ${Package}\n' "$@" 2>/dev/null | sed -n 's/^ii  *//p' || true)"
    for package in "$@"; do
        grep -qxF -- "$package" <<<"$installed" || missing+=("$package")
    done
    [[ ${#missing[@]} -eq 0 ]] && return 0
    local as_root=()
    if [[ $(id -u) -ne 0 ]]; then
        command -v sudo >/dev/null && sudo -n true 2>/dev/null ||
            die "these packages are missing, and installing them needs root: apt-get install ${missing[*]}"
        as_root=(sudo -n)
    fi
    say "installing ${missing[*]}"
    mkdir -p out
    {
        "${as_root[@]}" apt-get update -q &&
            "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}"
    } >out/setup.log 2>&1 </dev/null || {
        tail -20 out/setup.log >&2
        die "apt-get failed; the whole of it is in out/setup.log"
    }
}

set_test_environment() {
    if [[ -z ${SLIPWAY_CORPUS:-} && -d ../shared/corpus/packaged-apps ]]; then
        SLIPWAY_CORPUS="$(cd ../shared/corpus/packaged-apps && pwd)"
        export SLIPWAY_CORPUS
    fi
    export LSAN_OPTIONS="${LSAN_OPTIONS:-suppressions=$PWD/cmake/lsan.supp}"
    # Tests of crashes fork a process that already has threads (of RocksDB) and open a store in the child.
    export TSAN_OPTIONS="${TSAN_OPTIONS:-ignore_noninstrumented_modules=1:die_after_fork=0}"
    export CHECKPOINT_DISABLE=1 TF_IN_AUTOMATION=1 TF_INPUT=0
}

# Keeps a command's output in out/ and shows it only when it failed; on a terminal it is shown as it comes.
quietly() {
    local log="out/$1.log" start=$SECONDS
    shift
    mkdir -p out
    if [[ -t 1 ]]; then
        "$@"
    elif ! "$@" >"$log" 2>&1 </dev/null; then
        grep -E '(error|warning|FAILED|Error)' "$log" | head -40 >&2 || true
        tail -40 "$log" >&2
        die "failed after $((SECONDS - start)) s: $*"
    fi
}

configure() {
    local preset="$1"
    shift
    quietly "configure-$preset" cmake --preset "$preset" "$@"
}

build() {
    local preset="$1" start=$SECONDS
    shift
    say "build: $preset ($*)"
    quietly "build-$preset" ninja -C "build/$preset" -j"$jobs" "$@"
    say "built in $((SECONDS - start)) s"
}

reset_parts() {
    mkdir -p out
    : >out/parts.txt
}

# Tests name the parts that they left out; ctest keeps what they print.
collect_parts() {
    local log="$1/Testing/Temporary/LastTest.log"
    [[ -f $log ]] || return 0
    grep -aoE 'SLIPWAY-(SKIPPED|ABSENT)-PART: [^"]+' "$log" >>out/parts.txt || true
}

print_part_count() {
    local marker="$1" label="$2" names count
    names="$(sed -n "s/^SLIPWAY-$marker-PART: *//p" out/parts.txt | sed 's/[[:space:]]*$//' | sort -u)"
    count="$(grep -c . <<<"$names" || true)"
    if [[ $count -eq 0 ]]; then
        echo "$label: 0"
    else
        echo "$label: $count ($(paste -sd, <<<"$names" | sed 's/,/, /g'))"
    fi
}

print_parts() {
    print_part_count SKIPPED "real parts skipped"
    print_part_count ABSENT "outside parts absent"
}

find_clang_format() { command -v clang-format-14 || command -v clang-format; }

source_files() {
    git ls-files -co --exclude-standard -- '*.cpp' '*.hpp' |
        while IFS= read -r file; do [[ -f $file ]] && printf '%s\n' "$file"; done
}
