#!/bin/sh
# --race: actions run at a server and here at once.  The first good result is the action's; the other way is stopped, and
# nothing of it is kept.   remote-race.sh BINARY RE_SERVER
server=$(realpath "$2")
. "$(dirname "$0")/lib.sh"
. "$tests/remote-lib.sh"
double=$tests/../re/double

# The server's actions see the machine, those of the sandbox here do not: so a command can tell where it runs.
there=$work/there
touch "$there"
here_sleep=98761.$$
there_sleep=98762.$$

workspace one
MANY=3 odd one
sed -i '$d' one/odd/BUILD.dhall
cat >> one/odd/BUILD.dhall << END
    , where = step "where" nothing [ "out" ] none 600
        "if [ -e $there ]; then echo there; else echo here; fi > straylight-out/odd/where/out"
    , slow_here = step "slow_here" nothing [ "out" ] none 600
        "[ -e $there ] || sleep $here_sleep; echo made > straylight-out/odd/slow_here/out"
    , slow_there = step "slow_there" nothing [ "out" ] none 600
        "if [ -e $there ]; then sleep $there_sleep; fi; echo made > straylight-out/odd/slow_there/out"
    , slow = step "slow" nothing [ "out" ] none 600
        "if [ -e $there ]; then sleep $there_sleep; else sleep $here_sleep; fi; echo made > straylight-out/odd/slow/out"
    , bad_here = step "bad_here" nothing [ "out" ] none 600
        "[ -e $there ] || exit 3; echo made > straylight-out/odd/bad_here/out"
    , bad_there = step "bad_there" nothing [ "out" ] none 600
        "if [ -e $there ]; then exit 3; fi; echo made > straylight-out/odd/bad_there/out"
    , both = step "both" nothing [ "a", "b" ] none 600
        "echo here > straylight-out/odd/both/a; echo there > straylight-out/odd/both/b"
    , uses = step "uses" [ A.Input.Source ":where", A.Input.Source ":tree" ] [ "out" ] none 600
        "cat straylight-out/odd/where/out straylight-out/odd/tree/out/sub/file > straylight-out/odd/uses/out"
    }
END
sed -i 's/    , slow = step "slow" nothing \[ "out" \] none 2 .*//' one/odd/BUILD.dhall
"$straylight" -C one query actions -q //odd:where > /dev/null # what all of it captures
# A server's result is kept when all of it is here, at once: so what either way of `where` makes is here.
"$straylight" -C one build -q --remote= //odd:both > /dev/null || fail "the build of both"

# at FAULTS COMMAND…: with the test server; the command gets $STRAYLIGHT_TEST_RE.
at() {
	faults=$1
	shift
	timeout -k 5 150 "$double" "$server" ${faults:+--faults="$faults"} -- sh -c "$*"
}

# race FAULTS TARGET…: built in one/ with an empty cache of results.
race() {
	faults=$1
	shift
	forget
	code=0
	at "$faults" "'$straylight' -C one build --json --race --remote=\$STRAYLIGHT_TEST_RE $*" > json 2> err || code=$?
}
forget() {
	rm -rf one/straylight-out one/.straylight/state "$XDG_CACHE_HOME/straylight/ac"/*/result
}
out() { cat "one/straylight-out/odd/$1/out"; }

# gone NUMBER: no such sleep is left, soon.
gone() {
	for i in $(seq 100); do
		cat /proc/[0-9]*/cmdline 2> /dev/null | tr '\000' ' ' | grep -q "[s]leep $1" || return 0
		sleep 0.1
	done
	fail "a command that lost still runs: sleep $1"
}

# again WHAT TARGET: nothing runs for it, without the server, and it is what it was: one result was kept, the winner's.
again() {
	wanted=$(out "$2")
	rm -rf one/straylight-out one/.straylight/state
	"$straylight" -C one build --json --remote= "//odd:$2" > json 2> err || fail "$1, again: $(cat err)"
	same "$1, again, from the cache" "0 1" "$(counts json ran cached)"
	same "$1, its output again" "$wanted" "$(out "$2")"
}

# ---- the server is slow: here is first
race "Execute#1+:stall" //odd:where
same "a server that stalls" "0 here 1 1" "$code $(out where) $(counts json races won_here | tr '\n' ' ' | sed 's/ $//')"
again "a server that stalls" where
race "" //odd:slow_there
same "a command that is slow there" "0 made 1" "$code $(out slow_there) $(counts json won_here)"
gone "$there_sleep"
again "a command that is slow there" slow_there
race "GetActionResult#1+:delay=1500;Execute#1+:delay=3000" //app/... //greet/...
same "a server that is late: the exit code" 0 "$code"
same "a server that is late: the wins" "$(counts json races)" "$(counts json won_here)"
outputs one > got
forget
"$straylight" -C one build -q //app/... //greet/... > out || fail "the build here"
outputs one > wanted
cmp -s wanted got || fail "the outputs of a race are others: $(diff wanted got)"

# ---- the server is fast: there is first, and what ran here is stopped
race "" //odd:slow_here
same "a command that is slow here" "0 made 1 0 1" "$code $(out slow_here) $(counts json races won_here runs)"
gone "$here_sleep"
again "a command that is slow here" slow_here
# At the same time, more or less: whoever wins, what is used, what is left and what is kept are one result.
for i in 1 2 3; do
	race "" //odd:where //odd:uses
	same "a close race" 0 "$code"
	same "what is made of it" "$(out where; echo a)" "$(out uses)"
	again "a close race" where
done

# ---- one fails: the other counts
race "" //odd:bad_here
same "what fails here" "0 made 0" "$code $(out bad_here) $(counts json won_here)"
race "" //odd:bad_there
same "what fails there" "0 made 1" "$code $(out bad_there) $(counts json won_here)"
[ ! -s err ] || fail "what fails there is told: $(cat err)"
# At the same time, since much of it is waiting for a next try: each in a workspace of its own, with an action of its own.
alone() { # alone NUMBER FAULTS
	mkdir "lane$1"
	cp -a one "lane$1"
	cd "lane$1"
	sed -i "s/ # $run\"/ # $run $1\"/" one/odd/BUILD.dhall
	forget() { rm -rf one/straylight-out one/.straylight/state; }
	race "$2" //odd:where
	same "a server with $2" "0 here" "$code $(out where)"
	again "a server with $2" where
}
pids=
n=0
for faults in "Execute#1+:internal" "*#2+:unavailable" "*:close" "Execute#1+:killed" "GetActionResult#1+:internal;Execute#1+:rst=2"; do
	n=$((n + 1))
	(alone $n "$faults") &
	pids="$pids $!"
done
code=0
for pid in $pids; do wait "$pid" || code=1; done
[ "$code" -eq 0 ] || exit 1

# ---- both fail: it is told once, as without a server
race "" //odd:failing
same "what fails at both" 1 "$code"
same "the errors" 1 "$(grep -c '"code":"E0801"' err)"
race "Execute#1+:internal" //odd:failing
same "what fails here, at a server that fails" "1 1" "$code $(grep -c '"code":"E0801"' err)"

# ---- outputs that are only there, for what runs here; and lost ones
race "BatchReadBlobs#1+:not-found;Read#1+:not-found" //odd:uses
same "a server that loses everything" 0 "$code"
same "what is made of it all the same" a "$(out uses | tail -n 1)"

# ---- stopped in the middle, when the command runs at both: both ways end
cat > interrupt.sh << 'END'
runs() { # runs NUMBER: there is a sleep of that many seconds; the shell that would start it has the number among other text
	grep -qzx "[9]${1#9}" /proc/[0-9]*/cmdline 2> /dev/null
}
"$straylight" -C one build -q --race --remote="$STRAYLIGHT_TEST_RE" //odd:slow &
pid=$!
for i in $(seq 900); do
	if runs "$here_sleep" && runs "$there_sleep"; then
		kill -INT $pid
		code=0
		wait $pid || code=$?
		echo $code > code
		exit
	fi
	sleep 0.1
done
echo "it does not run at both" >&2
kill -KILL $pid
END
export straylight here_sleep there_sleep
at "" "sh interrupt.sh" > out 2> err || fail "interrupted: $(cat err)"
same "the exit code of what was interrupted" 130 "$(cat code)"
gone "$here_sleep"
gone "$there_sleep"
forget
[ -z "$(find "$XDG_CACHE_HOME/straylight/tmp" -type f 2> /dev/null)" ] || fail "left: $(find "$XDG_CACHE_HOME/straylight/tmp" -type f)"

# ---- no race
for option in --require-remote --remote-cache-only; do
	code=0
	"$straylight" -C one build --race $option //odd:where 2> err || code=$?
	same "with $option" 2 $code
	grep -q "forbids one of the two" err || fail "with $option: $(cat err)"
done
"$straylight" -C one build --json --race --remote= //odd:where > json 2> err || fail "without a server: $(cat err)"
same "without a server" "here 0" "$(out where) $(counts json races)"
echo "passed"
