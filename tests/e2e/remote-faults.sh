#!/bin/sh
# A build at a server that fails: it ends right, or with 3 and a reason, in time; and whatever it left in the cache
# gives right outputs.   remote-faults.sh BINARY RE_SERVER [ROUNDS]
# With ROUNDS that many builds among random faults follow, each with a seed of its own.
server=$(realpath "$2")
rounds=${3:-0}
. "$(dirname "$0")/lib.sh"
. "$tests/remote-lib.sh"
double=$tests/../re/double
limit=120

# Without a compiler: the test server copies all inputs of every action.
mkdir one
echo 'let S = env:STRAYLIGHT_PRELUDE in S.Workspace::{=}' > one/straylight.dhall
MANY=20 LARGE=1 odd one
sed -i 's/S.Workspace.userland # \[ "sleep" \]/[ "sh", "cat", "chmod", "echo", "head", "ln", "ls", "mkdir", "sleep", "sort", "tail", "tr", "wc" ]/; s/ # S.Workspace.default.toolchains//' one/straylight.dhall
good="//odd:tree //odd:uses_tree //odd:many //odd:large //odd:uses_large"
cp -R one here
# A cache that holds the captured toolchain; what builds add to it goes again.
mkdir away
kept() {
	find away/straylight/cas away/straylight/ac -type f | sort
}
(cd one && XDG_CACHE_HOME=$work/away "$straylight" query actions -q //odd:tree > ../out)
kept > captured
(cd here && XDG_CACHE_HOME=$work/local "$straylight" build -q --mode=release $good > ../out) || fail "the build here"
outputs here > wanted

# attempt WHAT CODES OPTIONS… -- BUILD-OPTIONS…
attempt() {
	what=$1
	codes=$2
	shift 2
	rm -rf one/straylight-out one/.straylight/state
	kept | comm -13 captured - | xargs rm -f
	code=0
	(cd one && timeout $limit "$double" "$server" --bwrap "$@" > ../out 2> ../err) || code=$?
	case " $codes " in
	*" $code "*) ;;
	*) fail "$what: exit $code: $(tail -c 2000 err)" ;;
	esac
	if [ $code -eq 0 ]; then
		outputs one > got
		cmp -s wanted got || fail "$what: the outputs are others"
	else
		grep -q '^error\[E100[0-9]\]' err || fail "$what: exit $code without a reason: $(tail -c 2000 err)"
	fi
	# The cache that it filled, without a remote.
	rm -rf one/straylight-out one/.straylight/state
	(cd one && XDG_CACHE_HOME=$lane/away "$straylight" build -q --mode=release $good > ../out 2> ../err) ||
		fail "$what, then here: $(tail -c 2000 err)"
	outputs one > got
	cmp -s wanted got || fail "$what: what it left in the cache is wrong"
}

build() {
	echo "XDG_CACHE_HOME=$lane/away exec '$straylight' build --mode=release --remote=\$STRAYLIGHT_TEST_RE $* $good"
}

# Two lanes of every second fault, each with a workspace and a cache of its own: much of a build among faults is waiting.
cat > faults << 'END'
GetCapabilities#1:unavailable
GetCapabilities#1+:unimplemented
GetActionResult#2:internal
GetActionResult#1+:flip
GetActionResult#1-3:close
FindMissingBlobs#1:unavailable
FindMissingBlobs#1:lie
FindMissingBlobs#2:forget
BatchUpdateBlobs#1:resource-exhausted=50
BatchUpdateBlobs#1:partial
Write#1:rst=2
Execute#1:drop
Execute#2:drop,lose
Execute#1:cancelled-op
Execute#3:killed
Execute#1:unavailable
Execute#1+:internal
BatchReadBlobs#1:flip
BatchReadBlobs#1+:not-found
Read#1:truncate
*#7:goaway=0
*#5:refuse
*:split=100,ping=1
END
lane() {
	lane=$work/lane$1
	mkdir "$lane"
	cp -a one away captured wanted "$lane"
	cd "$lane"
	sed -n "$1~2p" ../faults | while read -r faults; do
		attempt "$faults" "0" --faults="$faults" -- sh -c "$(build)"
		attempt "$faults, required" "0 3" --faults="$faults" -- sh -c "$(build --require-remote)"
	done
}
(lane 1) &
first=$!
(lane 2) &
second=$!
code=0
wait $first || code=1
wait $second || code=1
[ $code -eq 0 ] || exit 1
n=$(($(wc -l < faults) * 2))
lane=$work
for seed in $(seq "$rounds"); do
	attempt "seed $seed" "0" --seed="$seed" \
		--faults='*%4:unavailable;*%2:close@;*%2:rst=2;*%1:goaway=0;FindMissingBlobs%5:forget;Execute%5:drop;Execute%3:killed;BatchReadBlobs%3:flip' -- sh -c "$(build)"
	n=$((n + 1))
done
echo "passed: $n builds among faults"
