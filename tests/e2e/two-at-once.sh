#!/bin/sh
# Two builds at once, in one workspace and in two with one cache:   two-at-once.sh BINARY
. "$(dirname "$0")/lib.sh"

workspace right
(cd right && XDG_CACHE_HOME=$work/other ran > /dev/null)
outputs right > wanted

workspace one
workspace two
for round in 1 2 3; do
	rm -rf cache/straylight/ac cache/straylight/cas one/straylight-out two/straylight-out one/.straylight two/.straylight
	pids=
	for dir in one one two; do
		"$straylight" build -q -C $dir --mode=release //... > out.$round 2>&1 &
		pids="$pids $!"
	done
	for pid in $pids; do wait "$pid" || fail "a build that was not alone failed: $(cat out.$round)"; done
	for dir in one two; do
		outputs $dir > got
		cmp -s wanted got || fail "round $round: the outputs in $dir are others"
	done
done
echo "passed"
