#!/bin/sh
# Wrapped derivations are taken from binary caches, and so are sources that lie nowhere.   wrap-substitute.sh BINARY
. "$(dirname "$0")/lib.sh"
[ -x /bin/busybox ] || { echo "skipped: busybox-static is not installed"; exit 77; }
command -v openssl > /dev/null || { echo "skipped: there is no openssl"; exit 77; }
unset NIX_PATH STRAYLIGHT_SUBSTITUTERS STRAYLIGHT_TRUSTED_KEYS

# A key as Nix has them: the seed with the public half, and that alone.
openssl genpkey -algorithm ed25519 -out pem 2> log || { echo "skipped: openssl makes no ed25519 keys"; exit 77; }
openssl pkey -in pem -outform DER | tail -c 32 > seed
openssl pkey -in pem -pubout -outform DER | tail -c 32 > half
echo "test-1:$(cat seed half | base64 -w 0)" > secret
key="test-1:$(base64 -w 0 half)"

# What `low` gives is fixed by a hash, so its output is the same whether its builder works or not: one that does not work shows
# that it was not asked to.
mkdir -p ws/pkg/src
cd ws
cat > pkg/default.nix << 'END'
let
  sh = name: attrs: script: derivation ({ inherit name; system = builtins.currentSystem; builder = "/bin/sh"; args = [ "-c" script ]; } // attrs);
  set = script: rec {
    low = sh "low" { outputHash = builtins.hashString "sha256" "low\n"; outputHashAlgo = "sha256"; } script;
    top = sh "top" { inherit low; } ''mkdir $out; ln -s $low $out/low; cat $low > $out/text'';
    sourced = sh "sourced" { src = ./src; } ''cat $src/x; echo $src > $out'';
  };
in set "exit 1" // { working = set "echo low > $out"; }
END
echo x > pkg/src/x
"$straylight" drv build --to="file://$work/all" --key="$work/secret" ./pkg#working.top ./pkg#sourced > ../paths 2> ../log || fail "drv build: $(cat ../log)"
top=$(sed -n 's|.*/store/\([a-z0-9]\{32\}\)-top$|\1|p' ../paths)
sourced=$(sed -n 's|.*/store/\([a-z0-9]\{32\}\)-sourced$|\1|p' ../paths)
drv=$(cd "$XDG_CACHE_HOME/straylight/nix/store" && echo ./*-sourced.drv)
cp "$XDG_CACHE_HOME/straylight/nix/store/$drv" ..
cp -R "$work/all" "$work/some"
rm "$work/some/$top.narinfo" "$work/some/$sourced.narinfo"
cat > pkg/BUILD.dhall << 'END'
let S = env:STRAYLIGHT_PRELUDE

let A = S.Action

in  { top =
        S.action
          "top"
          A.Action::{
          , category = A.ActionCategory.Custom "nix-compat"
          , identifier = "top"
          , inputs = [ A.Input.Source "default.nix", A.Input.Source "src/x" ]
          , outputs = [ { name = "out", binding = Some "out" } ]
          , command = [ "nix", "build", "--no-link", "(import ./default.nix).top" ]
          }
    }
END

# As in the beginning.
fresh() {
	chmod -R u+w "$XDG_CACHE_HOME"
	rm -rf "$XDG_CACHE_HOME" .straylight straylight-out
	mkdir "$XDG_CACHE_HOME"
}
# count KEY [OPTION…]: of the summary of a build of everything.
count() {
	key_=$1
	shift
	"$straylight" build --json "$@" //... > ../json 2> ../log || fail "build $*: $(cat ../json ../log)"
	python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["summary"][sys.argv[2]])' ../json "$key_"
}
refused() { if "$straylight" build "$@" //... > ../paths 2> ../log; then fail "the builder of low was not asked: $*"; fi; }
workspace_says() { echo "(env:STRAYLIGHT_PRELUDE).Workspace::{ $1 }" > straylight.dhall; }

# Options: all of it, and what the cache has of it.
workspace_says =
fresh
refused
for caches in all some; do
	fresh
	ran=$(count ran --substituters="file://$work/$caches" --trusted-keys="$key")
	[ $caches = all ] && want=0 || want=1
	same "actions that ran with $caches" $want "$ran"
	same "the text of $caches" low "$(cat straylight-out/pkg/top/out/text)"
done
# Variables.
fresh
same "with variables" 0 "$(STRAYLIGHT_SUBSTITUTERS="file://$work/all" STRAYLIGHT_TRUSTED_KEYS=$key count ran)"
# Digests of another function.
fresh
same "with BLAKE3" 0 "$(count ran --digest=blake3 --substituters="file://$work/all" --trusted-keys="$key")"
same "the text with BLAKE3" low "$(cat straylight-out/pkg/top/out/text)"

# Nobody vouches for it, or it is not there: a warning, and the builder.
fresh
refused --substituters="file://$work/all"
grep -q 'warning.E1146' ../log || fail "it does not say that nobody vouches: $(cat ../log)"
fresh
refused --substituters="file://$work/nowhere" --trusted-keys="$key"
grep -q '^warning' ../log || fail "it does not say that there is no cache: $(cat ../log)"

# The workspace's words.  What only its own key vouches for is nothing to a workspace that does not name the key.
workspace_says "substituters = [ \"file://$work/all\" ], trusted_keys = [ \"$key\" ]"
fresh
same "with the workspace's cache" 0 "$(count ran)"
same "the text of the workspace's" low "$(cat straylight-out/pkg/top/out/text)"
sleep 0.1
"$straylight" build //... > ../paths 2> ../log
"$straylight" build //... > ../paths 2> ../log
grep -q '^nothing to do' ../log || fail "a second build did something: $(cat ../log)"
cp -R . ../other
cd ../other
rm -rf .straylight straylight-out
workspace_says =
refused
same "where the user trusts the key" 0 "$(count ran --substituters="file://$work/all" --trusted-keys="$key")"

# A source that lies nowhere.
fresh
cd ..
if "$straylight" drv build "$drv" > paths 2> log; then fail "there was a source"; fi
grep -q 'src. is not there' log || fail "it does not name the source: $(cat log)"
"$straylight" drv build --substituters="file://$work/some" --trusted-keys="$key" "$drv" > paths 2> log || fail "with a cache: $(cat log)"
grep -q '^1 substituted, 1 built, ' log || fail "it does not say that the source was taken: $(cat log)"
same "what it made" "$sourced-sourced" "$(basename "$(cat paths)")"
echo 'wrapped derivations come from caches, by whose keys are trusted'
