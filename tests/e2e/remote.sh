#!/bin/sh
# Builds at a Remote Execution server: as here, to the byte.   remote.sh BINARY COMMAND…
# The command starts a server, and runs what it gets as further arguments with STRAYLIGHT_TEST_RE=grpc://…; without a
# command that variable names a server that runs already.  MANY and LARGE (MB) size two of the actions.
binary=$1
shift
if [ $# -gt 0 ]; then
	exec "$@" "$0" "$binary"
fi
set -- "$binary"
. "$(dirname "$0")/lib.sh"
. "$tests/remote-lib.sh"
[ -n "${STRAYLIGHT_TEST_RE:-}" ] || { echo "remote.sh: STRAYLIGHT_TEST_RE names no server" >&2; exit 2; }

workspace one
own one
odd one
cp -R one here
(cd here && XDG_CACHE_HOME=$work/local "$straylight" build -q --mode=release $good > ../out) || fail "the build here"
outputs here > wanted

# away DIR CACHE [OPTION…]
away() {
	dir=$1
	cache=$2
	shift 2
	(cd "$dir" && XDG_CACHE_HOME=$work/$cache "$straylight" build --json --mode=release --remote="$STRAYLIGHT_TEST_RE" \
		--instance="${STRAYLIGHT_TEST_INSTANCE:-}" --require-remote ${STRAYLIGHT_TEST_OPTIONS:-} "$@" $good > ../json 2> ../err) ||
		fail "the build in $dir: $(cat err)"
	outputs "$dir" > got
	cmp -s wanted got || fail "the outputs in $dir are others than those made here: $(diff wanted got)"
}

away one empty
actions=$(counts json ran)
same "a clean build runs all of it there" "$actions" "$(counts json runs)"

cp -R here two
rm -rf two/straylight-out two/.straylight/state
away two second
same "from another empty disk, nothing runs" "0 $actions" "$(counts json ran hits)"
[ "$(counts json sent_bytes)" -lt 10000 ] || fail "a cached build sends $(counts json sent_bytes) bytes"
LARGE_BYTES=${LARGE:-5}000000
[ -e "$work/second/straylight/cas" ] || fail "there is no cache"

# Only what is asked for is downloaded: not the large input of a small output.
rm -rf two/straylight-out two/.straylight/state "$work/second/straylight/cas" "$work/second/straylight/ac"
(cd two && XDG_CACHE_HOME=$work/second "$straylight" build --json --mode=release --remote="$STRAYLIGHT_TEST_RE" \
	--instance="${STRAYLIGHT_TEST_INSTANCE:-}" --require-remote ${STRAYLIGHT_TEST_OPTIONS:-} //odd:uses_large > ../json 2> ../err) || fail "one output: $(cat err)"
same "one output" "$LARGE_BYTES" "$(tr -d ' ' < two/straylight-out/odd/uses_large/out)"
[ "$(counts json got_bytes)" -lt 1000000 ] || fail "for a small output $(counts json got_bytes) bytes came"
# … and when it is asked for, it comes from its digest.
(cd two && XDG_CACHE_HOME=$work/second "$straylight" build --json --mode=release --remote="$STRAYLIGHT_TEST_RE" \
	--instance="${STRAYLIGHT_TEST_INSTANCE:-}" --require-remote ${STRAYLIGHT_TEST_OPTIONS:-} //odd:large > ../json 2> ../err) || fail "the large one: $(cat err)"
same "the large one" "$LARGE_BYTES" "$(wc -c < two/straylight-out/odd/large/out)"

# One file edited, at both places.
for dir in one here; do sed -i 's/"hello, /"good day, /' $dir/greet/greet.c; done
(cd here && XDG_CACHE_HOME=$work/local "$straylight" build -q --mode=release $good > ../out) || fail "the second build here"
outputs here > wanted
away one empty
same "after an edit of the library" 6 "$(counts json runs)"
same "what it says" "Good day, world!" "$(one/straylight-out/app/hello/hello | head -n 1)"
# A header that not every file reads, in a build that has its results only there.
for dir in one here; do echo 'int unused_here(void);' >> $dir/greet/shout.h; done
away one empty
same "after an edit of a header" 2 "$(counts json runs)"

# What fails there reads as what fails here.
for target in failing slow lazy; do
	code=0
	(cd one && XDG_CACHE_HOME=$work/empty "$straylight" build --mode=release --remote="$STRAYLIGHT_TEST_RE" \
		--instance="${STRAYLIGHT_TEST_INSTANCE:-}" --require-remote ${STRAYLIGHT_TEST_OPTIONS:-} "//odd:$target" > ../out 2> ../err) || code=$?
	same "the exit code of $target" 1 $code
	case $target in
	failing)
		grep -q "^error\[E0801\].*'run failing' failed with exit code 3" err || fail "failing: $(cat err)"
		grep -q "said on one" err && grep -q "said on two" err || fail "what it printed is not told: $(cat err)"
		;;
	slow) grep -q "^error\[E0804\].*took longer than 2 seconds" err || fail "slow: $(cat err)" ;;
	lazy) grep -q "^error\[E0802\].*did not write its output" err || fail "lazy: $(cat err)" ;;
	esac
done
echo "passed: $actions actions at $STRAYLIGHT_TEST_RE"
