#!/bin/sh
# xionid-carrier as a command: addresses on stdout, exit codes, answers that scripts can read.
set -eu
carrier=$1
dir=$(mktemp -d)
pid=
trap 'test -z "$pid" || kill "$pid" 2>/dev/null || true; rm -rf "$dir"' EXIT

fail() { echo "FAILED: $*" >&2; exit 1; }
# expect CODE COMMAND… — runs it, keeps stdout in $dir/out.
expect() {
  code=$1; shift
  got=0; "$@" >"$dir/out" 2>"$dir/err" || got=$?
  test "$got" = "$code" || fail "$* exited $got, not $code: $(cat "$dir/err")"
}
ask() { verb=$1; shift; "$carrier" "$verb" --admin "unix:$dir/admin" "$@"; }

expect 3 ask stats
expect 2 "$carrier"
expect 2 "$carrier" serve --fault nonsense
expect 2 "$carrier" serve --listen nowhere
expect 2 "$carrier" serve --tls-cert only.pem
expect 0 "$carrier" --help
grep -q receipt-before-response "$dir/out" || fail "--help does not list the faults"

"$carrier" serve --quiet --listen 127.0.0.1:0 --admin "unix:$dir/admin" --max-tps 30 --fault throttle=10% >"$dir/serve" &
pid=$!
for _ in $(seq 1800); do grep -q '^admin ' "$dir/serve" && break; sleep 0.1; done   # Which only a hang waits out.
grep -Eq '^listening 127\.0\.0\.1:[1-9][0-9]*$' "$dir/serve" || fail "no address: $(cat "$dir/serve")"

expect 0 ask stats --json
grep -q '^{"connections":0,' "$dir/out" || fail "stats --json: $(cat "$dir/out")"
expect 0 ask fault list
grep -q '^\* throttle=10%' "$dir/out" || fail "fault list: $(cat "$dir/out")"
grep -q '^\* max-tps=30' "$dir/out" || fail "an option is not the fault of its name"
expect 0 ask fault throttle=off drop-response=5%
expect 1 ask fault nonsense=1
expect 0 ask script '+37499*' outcome=UNDELIV err=011
expect 1 ask script '+37499*' outcome=NONSENSE
expect 1 ask inbox +37499123056 --code
expect 1 ask say +37499123056 XionID STOP
expect 2 ask drop gently
expect 0 ask drop rst
# A second one on the same port says so.
expect 1 "$carrier" serve --listen "$(sed -n 's/^listening //p' "$dir/serve")" --admin "unix:$dir/other"

kill "$pid"
wait "$pid" || fail "SIGTERM is not a clean end"
pid=
test ! -e "$dir/admin" || fail "the admin socket is left behind"
