#!/bin/sh
# kill -9 at any moment: the next build is right, and so is the cache:   killed.sh BINARY [ROUNDS]
rounds=${2:-12}
. "$(dirname "$0")/lib.sh"

workspace right
(cd right && ran > /dev/null)
outputs right > wanted

# A build that is ended after a while which grows from round to round, with an edit that takes turns, so that each
# round has something to do.
workspace one
rm -rf cache/straylight/ac
cd one
ran > /dev/null
echo "int first;" >> greet/greet.c
before=$(date +%s%N)
ran > /dev/null
takes=$((($(date +%s%N) - before) / 1000000)) # ms, of a build after an edit
killed=0
for i in $(seq "$rounds"); do
	if [ $((i % 3)) -eq 0 ]; then rm -rf "$XDG_CACHE_HOME/straylight/ac"; fi
	if [ $((i % 5)) -eq 0 ]; then rm -rf .straylight straylight-out; fi
	echo "/* $((i % 2)) */ int round_$((i % 4));" | cat "$examples/hello/greet/greet.c" - > greet/greet.c
	"$straylight" build -q --mode=release //... > /dev/null 2>&1 &
	pid=$!
	sleep "$(awk -v i="$i" -v n="$rounds" -v t="$takes" 'BEGIN { printf "%.3f", t / 1000 * i / n }')"
	if kill -9 $pid 2> /dev/null; then killed=$((killed + 1)); fi
	wait $pid 2> /dev/null || true
done
[ $((killed * 2)) -gt "$rounds" ] || fail "only $killed of $rounds builds were killed"

# What the rounds left in the cache and in the workspace gives the right outputs.
cp "$examples/hello/greet/greet.c" greet/greet.c
ran > /dev/null
outputs . > ../got
cmp -s ../wanted ../got || fail "after $killed kills the outputs are others"
for i in 0 1 2 3; do
	echo "/* $((i % 2)) */ int round_$((i % 4));" | cat "$examples/hello/greet/greet.c" - > greet/greet.c
	ran > /dev/null
	outputs . > ../got
	cd ..
	rm -rf fresh
	workspace fresh
	cp one/greet/greet.c fresh/greet/greet.c
	cd fresh
	XDG_CACHE_HOME=$work/other ran > /dev/null
	outputs . > ../want
	cd ../one
	cmp -s ../want ../got || fail "what a killed build left in the cache is wrong"
done
# Nothing that is being written stays.
left=$(find "$XDG_CACHE_HOME/straylight/tmp" -mindepth 2 -type f 2> /dev/null | wc -l)
[ "$left" -lt 100 ] || fail "$left files are left in tmp/"
echo "passed: $killed of $rounds builds were killed"
