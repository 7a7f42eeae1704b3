#!/bin/sh
# SIGINT or SIGTERM while a package is evaluated that never ends: one is enough, and nothing is damaged:   interrupted.sh BINARY
. "$(dirname "$0")/lib.sh"
export STRAYLIGHT_DHALL_STEPS=1000000000000000000 # some three hundred years

workspace one
cd one
mkdir endless
cat > endless/BUILD.dhall <<'END'
let S = env:STRAYLIGHT_PRELUDE

let n = Natural/fold 1000000000000000000 Natural (\(x : Natural) -> x + 1) 0

in  { endless = S.cxx_library (Natural/show n) [ "a.c" ] ([] : List Text) ([] : List Text) }
END
for number in 2 15; do
	timeout -k 1 --preserve-status -s KILL 120 "$straylight" build -q //... > ../out 2> ../err &
	pid=$!
	# The binary is the child of timeout; it has begun to evaluate when it has used a quarter of a second.
	for i in $(seq 100); do
		child=$(cat /proc/$pid/task/$pid/children 2> /dev/null || true)
		used=$(awk '{ print $14 }' "/proc/${child% }/stat" 2> /dev/null || true)
		[ "${used:-0}" -lt 25 ] || break
		sleep 0.1
	done
	[ "${used:-0}" -ge 25 ] || fail "the build does not evaluate: $(cat ../err)"
	kill -$number "${child% }"
	code=0
	wait $pid || code=$?
	same "the exit code after signal $number" $((128 + number)) "$code"
	if grep -q 'error\[' ../err; then fail "an interrupted build blames: $(cat ../err)"; fi
done
rm -r endless
ran > ../ran
grep -q greet ../ran || fail "the next build ran '$(cat ../ran)'"
echo "passed"
