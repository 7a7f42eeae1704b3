#!/bin/sh
# The commands that look at a Remote Execution server and what is there: re, cas, get.   re-tools.sh BINARY COMMAND…
# As remote.sh: the command starts a server and runs what it gets with STRAYLIGHT_TEST_RE=grpc://….
binary=$1
shift
if [ $# -gt 0 ]; then
	exec "$@" "$0" "$binary"
fi
set -- "$binary"
. "$(dirname "$0")/lib.sh"
. "$tests/remote-lib.sh"
[ -n "${STRAYLIGHT_TEST_RE:-}" ] || { echo "re-tools.sh: STRAYLIGHT_TEST_RE names no server" >&2; exit 2; }

there="--remote=$STRAYLIGHT_TEST_RE --instance=${STRAYLIGHT_TEST_INSTANCE:-}"
json() { # json FILE EXPRESSION: of the value v
	python3 -c 'import json, sys
v = json.load(open(sys.argv[1]))
print(eval(sys.argv[2]))' "$@"
}
has() { # has FILE TEXT
	grep -qF -- "$2" "$1" || fail "no '$2' in: $(cat "$1")"
}

# ---- re check
"$straylight" re check $there > out || fail "re check: $(cat out)"
for step in connection capabilities upload download "cache read" action; do
	grep -q "^ok *$step " out || fail "re check, $step: $(cat out)"
done
same "the last line" usable "$(tail -n 1 out)"
"$straylight" re check $there --json > out
same "as JSON" "True True" "$(json out 'v["usable"], len(v["steps"]) == 7' | tr -d '(),')"
"$straylight" re check $there --remote-write > out || fail "re check --remote-write: $(cat out)"
grep -q '^\(ok\|skip\)  *cache write ' out || fail "the write: $(cat out)"

code=0
"$straylight" re check --remote=grpc://127.0.0.1:1 > out || code=$?
same "nobody there" 3 $code
grep -q '^bad *connection .*refused' out || fail "nobody there: $(cat out)"
has out "check that the server runs"
same "the verdict" "not usable" "$(tail -n 1 out)"

# ---- builds that leave their outputs there
mkdir one
echo 'let S = env:STRAYLIGHT_PRELUDE in S.Workspace::{=}' > one/straylight.dhall
MANY=20 LARGE=5 odd one
sed -i 's/S.Workspace.userland # \[ "sleep" \]/[ "sh", "cat", "chmod", "echo", "head", "ln", "ls", "mkdir", "sleep", "sort", "tail", "tr", "wc" ]/; s/ # S.Workspace.default.toolchains//' one/straylight.dhall
echo "# $work" > one/odd/many/20
good="//odd:tree //odd:many //odd:large"
cp -R one here
(cd here && XDG_CACHE_HOME=$work/local "$straylight" build -q $good > ../out) || fail "the build here"
outputs here > wanted
cd one
code=0
"$straylight" get $there //odd:tree 2> ../err || code=$?
same "nothing to get" 1 $code
has ../err "error[E0613]: no build of '//odd:tree' at a server is remembered here"
"$straylight" build -q $there --require-remote --download=none $good > ../out 2> ../err || fail "the build there: $(cat ../err)"
[ ! -e straylight-out ] || fail "there are outputs: $(ls straylight-out)"
chmod -R u+w odd; rm -r odd/many odd/BUILD.dhall # nothing is read for it
"$straylight" get $there //odd/... > ../out 2> ../err || fail "get: $(cat ../err)"
outputs . > ../got
cmp -s ../wanted ../got || fail "what came is other: $(diff ../wanted ../got)"
same "what it prints" "straylight-out/odd/large/out straylight-out/odd/many/out straylight-out/odd/tree/out" "$(sort ../out | tr '\n' ' ' | sed 's/ $//')"
same "the links" "sub/file nowhere sub" "$(cd straylight-out/odd/tree/out && readlink link dangling folder | tr '\n' ' ' | sed 's/ $//')"
rm -rf straylight-out
"$straylight" get $there //odd:large --json > ../out
same "as JSON" "['straylight-out/odd/large/out']" "$(json ../out 'v["outputs"]')"
# Without a server what the cache has comes all the same.
rm -rf straylight-out
"$straylight" get --remote= //odd:large //odd:tree > ../out 2> ../err || fail "get from the cache: $(cat ../err)"
same "the large one" 5000000 "$(wc -c < straylight-out/odd/large/out)"
cd ..

# ---- an action, shown and run again
cp -R here two
rm -rf two/straylight-out two/.straylight/state
cd two
export XDG_CACHE_HOME="$work/second"
"$straylight" build -q $there --require-remote //odd:many > ../out 2> ../err || fail "the second build: $(cat ../err)"
"$straylight" why --json //odd:many > ../out
action=$(grep -oE '[0-9a-f]{64}/[0-9]+' ../out | head -n 1)
cd ..
export XDG_CACHE_HOME="$work/third"
"$straylight" re show $there "$action" > out 2> err || fail "re show: $(cat err)"
for text in "action    $action" "/sh -c" "outputs   straylight-out/odd/many/out" "result    exit code 0" "work/odd/many/" "directory work"; do
	has out "$text"
done
"$straylight" re show $there "$action" --json > out
same "the inputs as JSON" "True" "$(json out '"work/odd/many/7" in [e["path"] for e in v["inputs"]["entries"]]')"
made=$(json out 'v["result"]["made"][0]["digest"]')
same "the output's bytes" "$(cat here/straylight-out/odd/many/out)" "$("$straylight" cas get $there "$made")"
for where in "" --local; do
	"$straylight" re run $there $where "$action" --json > out 2> err || fail "re run $where: $(cat err)"
	same "re run $where" "0 $made" "$(json out 'v["exit_code"], v["made"][0]["digest"]' | tr -d "(),'")"
done
code=0
"$straylight" re show $there "$made" 2> err || code=$?
same "of what is no action" 1 $code
has err "error[E1008]: '$made' is not an Action"

# ---- an action that ran only here
cp -R here five
rm -rf five/straylight-out five/.straylight/state
echo "### $work" > five/odd/many/20
export XDG_CACHE_HOME="$work/fifth-here"
(cd five && "$straylight" build -q --remote= //odd:many > ../out 2> ../err) || fail "the build of five: $(cat err)"
(cd five && "$straylight" why --json //odd:many > ../out)
action=$(grep -oE '[0-9a-f]{64}/[0-9]+' out | head -n 1)
"$straylight" re show --remote= "$action" > out 2> err || fail "re show of what ran here: $(cat err)"
for text in "action    $action" "/sh -c" "work/odd/many/" "result    exit code 0"; do
	has out "$text"
done
"$straylight" re show --remote= "$action" --json > out
made=$(json out 'v["result"]["made"][0]["digest"]')
"$straylight" re run --remote= --local "$action" --json > out 2> err || fail "re run of what ran here: $(cat err)"
same "re run of what ran here" "0 $made" "$(json out 'v["exit_code"], v["made"][0]["digest"]' | tr -d "(),'")"
"$straylight" re run $there "$action" --json > out 2> err || fail "re run there of what ran here: $(cat err)"
same "re run there of what ran here" "0 $made" "$(json out 'v["exit_code"], v["made"][0]["digest"]' | tr -d "(),'")"
export XDG_CACHE_HOME="$work/third"

# ---- results of this machine go there only with the right to
cp -R here four
rm -rf four/straylight-out four/.straylight/state
echo "## $work" > four/odd/many/20
ours() { # ours CACHE OPTION…
	cache=$1
	shift
	(cd four && rm -rf straylight-out .straylight/state && XDG_CACHE_HOME=$work/$cache "$straylight" build --json $there --remote-cache-only "$@" \
		//odd:many > ../out 2> ../err) || fail "build $*: $(cat err)"
	counts out ran hits puts
}
same "without it" "1 0 0" "$(ours no-write)"
same "with it" "1 0 1" "$(ours write --remote-write)"
same "another machine" "0 1 0" "$(ours other)"
code=0
"$straylight" -C four build $there --remote-write --sandbox=none //odd:many 2> err || code=$?
same "without a sandbox" 2 $code
has err "--remote-write takes only results of the sandbox"

# ---- cas
echo hello > f
mkdir -p t/u
echo x > t/u/x
chmod +x t/u/x
ln -s u/x t/l
"$straylight" cas put $there f t > out || fail "cas put"
file=$(sed -n '1s/ .*//p' out)
tree=$(sed -n '2s/ .*//p' out)
same "its digest" "$(sha256sum < f | cut -c1-64)/6" "$file"
export XDG_CACHE_HOME="$work/fourth"
code=0
"$straylight" cas has "$file" > out || code=$?
same "not here" "1 $file  no" "$code $(cat out)"
"$straylight" cas has $there f t "$file" > out || fail "cas has: $(cat out)"
"$straylight" cas has $there --tree "$tree" t >> out || fail "cas has --tree: $(cat out)"
same "there" 5 "$(grep -c '  yes$' out)"
same "its bytes" hello "$("$straylight" cas get $there "$file")"
"$straylight" cas get $there --tree "$tree" -o fetched
same "the tree" x "$(cat fetched/l)"
[ -x fetched/u/x ] || fail "it cannot be executed"
"$straylight" cas ls "$tree" > out
has out "l -> u/x"
grep -q '^u/x\*  [0-9a-f]\{64\}/2$' out || fail "cas ls: $(cat out)"
export XDG_CACHE_HOME="$work/fifth"
"$straylight" cas verify $there --tree "$tree" > out || fail "cas verify: $(cat out)"
same "verified" "$tree  whole, 3 blobs" "$(cat out)"
[ -z "$(find "$work/fifth/straylight/cas" -name "$(sha256sum < t/u/x | cut -c1-64)*")" ] || fail "verifying leaves blobs"
echo "passed at $STRAYLIGHT_TEST_RE"
