#!/bin/sh
# Builds whose digests are BLAKE3: as those with SHA-256, and nothing of one is ever taken for the other's.
#   digests.sh BINARY RE_SERVER
server=$(realpath "$2")
. "$(dirname "$0")/lib.sh"
double=$tests/../re/double

workspace one
cd one
build() {
	"$straylight" build --json --mode=release "$@" //... > ../json 2> ../err || fail "build $*: $(cat ../err)"
	python3 -c 'import json, sys; s = json.load(open("../json"))["summary"]; print(s["ran"], s["cached"] + s["narrowed"])'
}
first=$(build)
outputs . > ../wanted
[ "${first% *}" -gt 0 ] || fail "nothing ran: $first"
chmod -R u+w straylight-out; rm -r straylight-out
same "with BLAKE3 all of it runs again" "$first" "$(build --digest=blake3)"
outputs . > ../got
cmp -s ../wanted ../got || fail "the outputs differ: $(diff ../wanted ../got)"
for part in cas ac; do
	[ -d "$XDG_CACHE_HOME/straylight/$part/sha256" ] && [ -d "$XDG_CACHE_HOME/straylight/$part/blake3" ] ||
		fail "the cache's $part: $(ls "$XDG_CACHE_HOME/straylight/$part")"
done
# One file edited: each build sees it by itself, whatever the other knows.
echo '/* more */' >> greet/greet.c
ran=$(build)
same "the edit, with BLAKE3" "$ran" "$(build --digest=blake3)"
same "nothing, with SHA-256" "0" "$(build | cut -d' ' -f1)"
same "nothing, with BLAKE3" "0" "$(build --digest=blake3 | cut -d' ' -f1)"
# What is asked about builds is asked about those with the same function.
"$straylight" why --json --digest=blake3 //greet > ../why
"$straylight" why --json //greet > ../why256
python3 - ../why ../why256 << 'END' || fail "why: $(cat ../why)"
import json, sys
blake3, sha256 = ({c["digest"] for c in json.load(open(p))["past"]} for p in sys.argv[1:])
assert blake3 and sha256 and not blake3 & sha256, (blake3, sha256)
END
action=$(python3 -c 'import json; print([c["digest"] for c in json.load(open("../why"))["past"] if c["served"] == "run"][0])')
"$straylight" re show --remote= --digest=blake3 "$action" > ../out 2> ../err || fail "re show: $(cat ../err)"
grep -q "^result *exit code 0" ../out || fail "re show: $(cat ../out)"
same "the targets" "$("$straylight" query targets //...)" "$("$straylight" query targets --digest=blake3 //...)"
# By turns, after edits, the outputs are those of the sources.
for fn in sha256 blake3 sha256 blake3; do
	sed -i "s/\"hello, /\"by $fn, /; s/\"by [a-z0-9]*, /\"by $fn, /" greet/greet.c
	build --digest=$fn > ../out
	same "what it says" "By $fn, world!" "$(straylight-out/app/hello/hello | head -n 1)"
done
sed -i 's/"by blake3, /"by sha256, /' greet/greet.c
build > ../out
same "what it says after the other's build" "By sha256, world!" "$(straylight-out/app/hello/hello | head -n 1)"

# At a server that offers it, and at one that does not.
rm -rf straylight-out .straylight/state-blake3
code=0
"$double" "$server" --like=casd -- sh -c "'$straylight' build --mode=release --digest=blake3 --require-remote --remote=\$STRAYLIGHT_TEST_RE //..." \
	> ../out 2> ../err || code=$?
same "where it is not offered" 3 $code
grep -q "^error\[E1004\].*the server's digest functions are SHA256, this build's is BLAKE3" ../err || fail "the mismatch: $(cat ../err)"
rm -rf "$XDG_CACHE_HOME/straylight/ac/blake3" .straylight/state-blake3 straylight-out
"$double" "$server" --like=casd -- sh -c "'$straylight' build --json --mode=release --digest=blake3 --remote=\$STRAYLIGHT_TEST_RE //..." \
	> ../json 2> ../err || fail "without --require-remote: $(cat ../err)"
[ "$(grep -c '"code":"E1004"' ../err)" -ge 1 ] || fail "the warning: $(cat ../err)"
echo "passed"
