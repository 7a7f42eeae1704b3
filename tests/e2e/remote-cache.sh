#!/bin/sh
# Results of this machine at a cache that runs nothing, from where a second one takes all of them; the server ends its
# connections gracefully (GOAWAY) all the time.   remote-cache.sh BINARY COMMAND…
# As remote.sh: the command starts a server and runs what it gets with STRAYLIGHT_TEST_RE=grpc://….
binary=$1
shift
if [ $# -gt 0 ]; then
	exec "$@" "$0" "$binary"
fi
set -- "$binary"
. "$(dirname "$0")/lib.sh"
. "$tests/remote-lib.sh"
[ -n "${STRAYLIGHT_TEST_RE:-}" ] || { echo "remote-cache.sh: STRAYLIGHT_TEST_RE names no server" >&2; exit 2; }

workspace one
own one
LARGE=${LARGE:-40} odd one
cp -R one two

# cached DIR CACHE [OPTION…]
cached() {
	dir=$1
	cache=$2
	shift 2
	(cd "$dir" && XDG_CACHE_HOME=$work/$cache "$straylight" build --json --mode=release --remote="$STRAYLIGHT_TEST_RE" \
		--remote-cache-only "$@" $good > ../json 2> ../err) || fail "the build in $dir: $(cat err)"
	[ ! -s err ] || fail "the build in $dir complains: $(cat err)"
}

cached one first --remote-write --download=all
actions=$(counts json ran)
[ "$actions" -gt 10 ] || fail "only $actions actions ran"
same "what was written there, and refused" "$actions 0" "$(counts json puts refused)"
outputs one > wanted
cached two second
same "from another empty disk, nothing runs" "0 $actions" "$(counts json ran hits)"
outputs two > got
cmp -s wanted got || fail "the outputs are others: $(diff wanted got)"

# A file edited: what it does not change is still taken from there.
for dir in one two; do
	sed -i 's/"hello, /"good day, /' $dir/greet/greet.c
	rm -rf $dir/straylight-out $dir/.straylight/state
done
cached one first --remote-write
ran=$(counts json ran)
[ "$ran" -gt 0 ] && [ "$ran" -lt "$actions" ] || fail "after an edit $ran of $actions actions ran"
rm -rf "$work/second"
cached two second
same "after the edit, on the empty disk" "0 $actions" "$(counts json ran hits)"
outputs one > wanted
outputs two > got
cmp -s wanted got || fail "the outputs after the edit are others: $(diff wanted got)"
echo "passed: $actions actions at $STRAYLIGHT_TEST_RE"
