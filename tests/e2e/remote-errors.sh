#!/bin/sh
# What goes wrong at a server is said in one diagnostic with its own code.   remote-errors.sh BINARY RE_SERVER
server=$(realpath "$2")
. "$(dirname "$0")/lib.sh"
double=$tests/../re/double
like=

# says CODE EXIT TEXT FAULTS COMMAND…: the command, at a server with these faults, with $STRAYLIGHT_TEST_RE in it.
says() {
	number=$1
	want=$2
	text=$3
	faults=$4
	shift 4
	code=0
	timeout 120 "$double" "$server" ${like:+--like=$like} ${faults:+--faults="$faults"} -- sh -c "$*" > out 2> err || code=$?
	same "the exit code of '$*' among '$faults'" "$want" "$code"
	grep -q "^error\[$number\].*$text" err || fail "'$*' among '$faults' says: $(cat err out)"
}

echo hello > file
hello=$(sha256sum < file | cut -c1-64)/6
at='--remote=$STRAYLIGHT_TEST_RE'
put="'$straylight' cas put $at file"
empty="XDG_CACHE_HOME=$work/empty"

says E1003 3 "connection refused" "" "'$straylight' cas has --remote=grpc://127.0.0.1:1 $hello"
says E1003 3 "UNAVAILABLE" "FindMissingBlobs#1+:unavailable" "'$straylight' cas has $at $hello"
like=casd
says E1004 3 "SHA256, this build's is BLAKE3" "" "'$straylight' cas has --digest=blake3 $at $hello"
like=
says E1005 3 "PERMISSION_DENIED" "FindMissingBlobs#1+:permission-denied" "'$straylight' cas has $at $hello"
grep -q "hint: check the credentials" err || fail "no hint: $(cat err)"
says E1005 3 "INVALID_ARGUMENT" "FindMissingBlobs#1+:invalid-argument" "'$straylight' cas has $at $hello"
grep -q "hint: check the name of the instance" err || fail "no hint: $(cat err)"
# Wrong bytes are fetched again, and not taken the second time either.
says E1006 3 "hello\|bytes" "BatchReadBlobs#1+:flip;Read#1+:flip" "$put > /dev/null && $empty '$straylight' cas get $at $hello"
[ ! -s out ] || fail "wrong bytes were printed: $(cat out)"
says E1007 3 "fetching the blob at .*has lost a blob" "BatchReadBlobs#1+:forget;Read#1+:forget" "$put > /dev/null && $empty '$straylight' cas get $at $hello"

# The same of a build that requires the server, and cannot read what the compiler says of its headers.
workspace one
says E1007 3 "fetching what was printed by" "Read#1+:forget;BatchReadBlobs#1+:forget" \
	"'$straylight' -C one build -q --mode=release $at --require-remote //greet"

# An outage, from the start or in the middle, is a slower build with one warning, and an error when the server is required.
for outage in "*:unavailable" "*#4+:close"; do
	rm -rf one/straylight-out one/.straylight/state "$XDG_CACHE_HOME/straylight/ac"
	timeout 120 "$double" "$server" --faults="$outage" -- \
		sh -c "'$straylight' -C one build --mode=release $at //greet //app:hello" > out 2> err || fail "an outage ($outage): $(cat err)"
	same "the warnings of an outage ($outage)" 1 "$(grep -c '^warning' err)"
	grep -q '^warning\[E1003\]' err || fail "an outage ($outage): $(cat err)"
	grep -q "what it does not do is done here; further such troubles are only counted" err || fail "no consequence: $(cat err)"
done
rm -rf one/straylight-out one/.straylight/state "$XDG_CACHE_HOME/straylight/ac"
says E1003 3 "" "$outage" "'$straylight' -C one build -q --mode=release $at --require-remote //greet //app:hello"
echo "passed"
