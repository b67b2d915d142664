#!/usr/bin/env bash
# The whole story on this machine, without questions: two customers' installs of the demo shop go up, the daemon is killed in the
# middle of an apply, everything is finished all the same, one input changes, and one install comes down again.
#
#   ./dev demo [--simulate] [--remove] [--build DIR]       --remove: leaves nothing behind
#
# Nothing outside of a new directory below /tmp is touched.
set -euo pipefail
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
build="$root/build/dev"
simulate=()
remove=0
while [[ $# -gt 0 ]]; do
    case "$1" in
    --simulate) simulate=(--simulate) ;;
    --remove) remove=1 ;;
    --build) build="$(cd "$2" && pwd)" && shift ;;
    *) printf 'usage: demo.sh [--simulate] [--remove] [--build DIR]\n' >&2 && exit 2 ;;
    esac
    shift
done
umask 077
home="$(mktemp -d /tmp/slipway-demo.XXXXXX)"
data="$home/data"
witness="$home/effects.txt"
export SLIPWAY_SOCKET="$data/slipwayd.sock"
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null CHECKPOINT_DISABLE=1
daemon=""
started=$SECONDS
bold="" plain="" faint=""
if [[ -t 1 ]]; then bold=$'\033[1m' plain=$'\033[0m' faint=$'\033[2m'; fi

chapter() { printf '\n%s== %s%s\n' "$bold" "$*" "$plain"; }
note() { printf '   %s\n' "$*"; }
slipway() { "$build/bin/slipway" "$@"; }
run() {
    printf '%s$ slipway %s%s\n' "$faint" "$*" "$plain"
    slipway "$@"
}
die() {
    printf '\nThe demo stopped: %s\n  everything is kept in %s, the daemon wrote %s/slipwayd.log\n' "$*" "$home" "$home" >&2
    tail -5 "$home/slipwayd.log" >&2 || true
    exit 1
}

start_daemon() {
    "$build/bin/slipwayd" --data "$data" --offline "${simulate[@]}" >>"$home/slipwayd.log" 2>&1 </dev/null &
    daemon=$!
    disown "$daemon"
    local i
    for ((i = 0; i < 300; i++)); do
        slipway health >/dev/null 2>&1 && return 0
        kill -0 "$daemon" 2>/dev/null || die "the daemon did not start"
        sleep 0.1
    done
    die "the daemon does not answer"
}

stop_daemon() {
    [[ -n $daemon ]] && kill "$daemon" 2>/dev/null || return 0
    local i
    for ((i = 0; i < 200; i++)); do
        kill -0 "$daemon" 2>/dev/null || break
        sleep 0.05
    done
    daemon=""
}
leave() {
    local code=$?
    stop_daemon
    [[ $remove -eq 1 && $code -eq 0 ]] && rm -rf "$home"
    return 0
}
trap leave EXIT

# What is left out of the lines below, so that the story stays readable: starts, bookkeeping, the commands of a plan.
noise='(running *|terraform (init|plan|show))$|\.(mark|outputs) '

# Follows runs side by side until each is over (or, with --until-waiting, until somebody is asked), a prefix for each.
follow() {
    local option="" pids=() pid code=0 one
    [[ $1 == --until-waiting ]] && { option=$1; shift; }
    for one in "$@"; do
        slipway watch "$one" $option 2>&1 | grep --line-buffered -vE "$noise" | sed -u "s/^/   ${one%%-*}  /" &
        pids+=($!)
    done
    for pid in "${pids[@]}"; do wait "$pid" || code=$?; done
    return "$code"
}

status_of() { slipway show "$1" | head -1 | awk '{print $3}'; }
expect_success() {
    local one
    for one in "$@"; do
        [[ $(status_of "$one") == succeeded ]] || { slipway explain "$one" || true; die "$one is $(status_of "$one")"; }
    done
}

make_app() {
    cp -r "$root/examples/demo_app" "$home/demo_app"
    git -C "$home/demo_app" init -q -b main
    git -C "$home/demo_app" add -A
    git -C "$home/demo_app" -c user.name=demo -c user.email=demo@localhost commit -q -m "The demo shop"
    note "a git repository with a sandbox, six components, two actions: $home/demo_app"
}

create() {
    printf '%s$ printf "admin_password=…" | slipway create %s --app demo_app --inputs - …%s\n' "$faint" "$1" "$plain"
    printf 'admin_password=%s\nwitness=%s\n' "$(head -c 12 /dev/urandom | od -An -tx1 | tr -d ' \n')" "$witness" |
        slipway create "$1" --app demo_app --inputs - --input "domain=$1.test" --input "greeting=Welcome to $1" --region eu-central-1
}

# An apply of this run that is at work, if there is one.
apply_at_work() { slipway show "$1" 2>/dev/null | awk '$2 ~ /\.apply$/ && $3 ~ /^running/ {print $2; exit}'; }

kill_in_apply() {
    local step="" i
    for ((i = 0; i < 600; i++)); do
        step="$(apply_at_work "$1")"
        # In the real world the provider has to be at work, not only Terraform to be starting.
        if [[ -n $step && ${#simulate[@]} -eq 0 ]]; then sleep 0.8; [[ $(apply_at_work "$1") == "$step" ]] || step=""; fi
        [[ -n $step ]] && break
        sleep 0.05
    done
    [[ -n $step ]] || die "no apply of $1 was ever at work"
    kill -9 "$daemon"
    for ((i = 0; i < 100; i++)); do
        kill -0 "$daemon" 2>/dev/null || break
        sleep 0.02
    done
    note "kill -9 while $step of $1 was at work: the daemon is gone, its socket is dead"
    daemon=""
    if [[ ${#simulate[@]} -eq 0 ]]; then
        note "Terraform is not: $(pgrep -fc -- "terraform.* apply" || true) processes of it go on under slipway-supervise"
        sleep 1.5
    fi
}

# Every line of the witness stands for one effect in the outside world. $1: how many there should be by now. $2: what should stand
# there twice by now, because it was built a second time.
count_effects() {
    [[ ${#simulate[@]} -eq 0 ]] || { note "simulated: no effects outside to count"; return 0; }
    local twice expected="${2:-}"
    twice="$(sort "$witness" | uniq -d | grep -v -- "${expected:-^$}" || true)"
    [[ -z $twice ]] || { printf '%s\n' "$twice"; die "these effects happened more than once"; }
    [[ $(wc -l <"$witness") -eq $1 ]] || die "$(wc -l <"$witness") effects were counted, $1 were expected"
    note "counted outside, in $witness: $1 effects, ${expected:+but for the $expected that was replaced }every one of them exactly once"
}

chapter "A packaged app"
if [[ ${#simulate[@]} -eq 0 ]] && ! command -v terraform >/dev/null; then
    note "terraform is not installed here: the story goes on with simulated executors"
    simulate=(--simulate)
fi
if [[ ${#simulate[@]} -gt 0 ]]; then
    printf '{"delay_ms": 250}\n' >"$home/script.json" # slow enough to be killed in the middle of something
    simulate+=(--script "$home/script.json")
fi
make_app
run validate "$home/demo_app"

chapter "The daemon, the app, two customers"
start_daemon
run sync "$home/demo_app"
create acme
create globex
run start acme provision --preview | sed -n 1,13p
note "…"

chapter "Both go up side by side; nothing is applied before its plan is approved"
run start acme provision
run start globex provision
follow --until-waiting acme-provision-1 globex-provision-1 || true
run diff acme-provision-1 sandbox.gate
run approve acme-provision-1 sandbox.gate --note "looks right"
run approve-all acme-provision-1
run approve-all globex-provision-1

chapter "kill -9 in the middle of an apply"
kill_in_apply acme-provision-1
start_daemon
note "the daemon is started again; it takes over what is still at work and goes on with the rest"
follow acme-provision-1 globex-provision-1 || true
expect_success acme-provision-1 globex-provision-1
count_effects 26
run installs

chapter "One input changes: only what depends on it is planned"
run set acme "greeting=Good morning"
follow --until-waiting acme-input-update-1 || true
run diff acme-input-update-1 web.gate
run approve-all acme-input-update-1
follow acme-input-update-1 || true
expect_success acme-input-update-1
count_effects 28 web-release

chapter "An action by hand"
run start acme action_run --action health
follow acme-action-run-1 || true
expect_success acme-action-run-1

chapter "One install comes down, in reverse order; its plans are approved as well"
run start globex deprovision
follow --until-waiting globex-deprovision-1 || true
run approve-all globex-deprovision-1
follow globex-deprovision-1 || true
expect_success globex-deprovision-1
count_effects 41 web-release
run installs

chapter "What happened, step by step"
for one in acme-provision-1 globex-provision-1 acme-input-update-1 acme-action-run-1 globex-deprovision-1; do slipway timeline "$one"; done

chapter "Where to look next"
cat <<END
   The story took $((SECONDS - started)) s. Everything is in $home; remove it when you have seen enough.
   Start the daemon again:    $build/bin/slipwayd --data $data ${simulate[*]} &
   and then, with SLIPWAY_SOCKET=$data/slipwayd.sock and slipway=$build/bin/slipway:
     slipway state acme                          what is deployed, and what it put out
     slipway history acme-provision-1            every decision, in order
     slipway logs acme-provision-1 api.apply     what a step wrote
     slipway plan $home/demo_app --workflow deprovision     what a tear-down would do and why
   Read on: README.md, examples/daemon/README.md (every command), engine/DESIGN.md (how it works).
END
