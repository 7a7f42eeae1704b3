#!/bin/sh
# What a binary cache has is taken from it, the rest is built; and what evaluation reads is built.   drv-substitute.sh BINARY
. "$(dirname "$0")/lib.sh"
. "$tests/drv-lib.sh"
unset STRAYLIGHT_SUBSTITUTERS STRAYLIGHT_TRUSTED_KEYS

mkdir pkgs
cat > pkgs/default.nix << 'END'
{ }:
let
  mk = name: attrs: script: derivation ({ inherit name; system = builtins.currentSystem; builder = "/bin/sh"; args = [ "-c" script ]; } // attrs);
in rec {
  low = mk "low" { outputs = [ "out" "doc" ]; } ''mkdir $out $doc; echo low > $out/x; echo $out > $doc/x'';
  tool = mk "tool" { } ''echo only while building > $out'';
  middle = mk "middle" { inherit low; used = tool; } ''cat $used; mkdir $out; echo $low > $out/low'';
  top = mk "top" { inherit middle; } ''ln -s $middle $out'';
  own = mk "own" { inherit middle; allowSubstitutes = false; } ''echo $middle > $out'';
  structured = mk "structured" { __structuredAttrs = true; allowSubstitutes = false; inherit middle; }
    ''out=$(sed 's/.*"out":"\([^"]*\)".*/\1/' /build/.attrs.json); echo structured > $out'';
  expression = mk "expression" { } ''echo '{ name }: derivation { inherit name; system = "s"; builder = "/b"; }' > $out'';
  read = import expression { name = "read"; };
  listed = mk "listed" { v = builtins.attrNames (builtins.readDir middle); } ''echo $v > $out'';
  copied = mk "copied" { src = builtins.filterSource (path: type: builtins.baseNameOf path != "none") "${middle}"; } ''cat $src/low > $out'';
}
END
export NIX_PATH="nixpkgs=$PWD/pkgs"
oracle /bin/sh=/bin/busybox
nix-build '<nixpkgs>' -A top -A own -A low.doc -A structured --no-out-link > theirs 2> log || skip "Nix cannot build here: $(tail -n 1 log)"
top=$(sed -n 1p theirs) own=$(sed -n 2p theirs) doc=$(sed -n 3p theirs) structured=$(sed -n 4p theirs)
nix key generate-secret --key-name test-1 > secret
nix key convert-secret-to-public < secret > public
nix copy --to "file://$PWD/cached?secret-key=$PWD/secret" "$top" "$doc" "$own" "$structured" 2> log || fail "nix copy: $(cat log)"
key=$(cat public)

fresh() { chmod -R u+w cache; rm -rf cache; mkdir cache; }
# build [OPTION…] WHAT…: with the cache; its outputs are as Nix has them.
build() {
	"$straylight" drv build --substituters="file://$PWD/cached" --trusted-keys="$key" "$@" > out 2> log ||
		fail "drv build $*: $(cat log)"
	"$straylight" drv build --json "$@" > json 2> again || fail "drv build --json $*: $(cat again)"
	made < json > made
	as_nix "$*" made
}
said() { grep -q "$1" log || fail "'$1' is not said: $(cat log)"; }
silent() { ! grep -q "$1" log || fail "'$1' is said: $(cat log)"; }

# All of it: nothing is built, and what is only used while building is not even taken.
build 'nixpkgs#top'
said '^3 substituted, '
silent tool
build 'nixpkgs#top'
said '^nothing to do'
"$straylight" nix realise --substituters="file://$PWD/cached" --trusted-keys="$key" 'nixpkgs#top' > out 2> log || fail "realise: $(cat log)"
same 'what is realised' "$XDG_CACHE_HOME/straylight/nix/store/$(basename "$top")" "$(cat out)"

# Some of it: what the cache lacks is built, on what it has; and so is what must not come from a cache.
fresh
rm "cached/$(basename "$top" | cut -c -32).narinfo"
build 'nixpkgs#top'
said '^2 substituted, 1 built, '
for attr in own structured; do
	fresh
	build "nixpkgs#$attr"
	said '^2 substituted, 1 built, '
done
fresh
build 'nixpkgs#low'
said '^2 substituted, '
# As the variables say.
fresh
STRAYLIGHT_SUBSTITUTERS="file://$PWD/cached" STRAYLIGHT_TRUSTED_KEYS=$key "$straylight" drv build 'nixpkgs#middle' > out 2> log || fail "$(cat log)"
said '^2 substituted, '

# A cache that is not believed, or not there, is a warning.
fresh
"$straylight" drv build --substituters="file://$PWD/cached" 'nixpkgs#middle' > out 2> log || fail "an untrusted cache: $(cat log)"
said '^warning.E1146.'
said '^3 built, '
fresh
"$straylight" drv build --substituters="file://$PWD/nowhere" 'nixpkgs#middle' > out 2> log || fail "a cache that is not there: $(cat log)"
said '^warning'
said '^3 built, '
code=0
"$straylight" drv build --substituters=ftp://host 'nixpkgs#middle' > out 2> log || code=$?
same 'the exit code of a cache that is none' 1 $code

# What names nothing.
code=0
"$straylight" drv build 'nixpkgs#nothing' > out 2> log || code=$?
same 'the exit code of an attribute that is not there' 1 $code
said E1124
code=0
"$straylight" drv build 'elsewhere#x' > out 2> log || code=$?
same 'the exit code of a name that is not there' 1 $code
said E1141

# Import from derivation: only when it is allowed, as Nix has it.
for attr in read listed copied; do
	fresh
	"$straylight" nix instantiate -A $attr -E 'import <nixpkgs> { }' > out 2> log && fail "$attr is not refused"
	said E1135
	said 'allow-import-from-derivation'
	"$straylight" nix instantiate --allow-import-from-derivation -A $attr -E 'import <nixpkgs> { }' > out 2> log || fail "$attr: $(cat log)"
	nix-instantiate '<nixpkgs>' -A $attr > theirs 2> log || fail "$attr of Nix: $(cat log)"
	same "$attr" "$(cat theirs)" "$(cat out)"
	"$straylight" nix instantiate -v --allow-import-from-derivation -A $attr -E 'import <nixpkgs> { }' > out 2> log
	said '^remembered'
	same "$attr, remembered" "$(cat theirs)" "$(cat out)"
done
"$straylight" drv build --allow-import-from-derivation --json 'nixpkgs#copied' > json 2> log || fail "copied: $(cat log)"
nix-build '<nixpkgs>' -A copied --no-out-link > theirs 2> log || fail "copied of Nix: $(cat log)"
made < json > made
as_nix 'copied' made
echo 'caches give what they have, and builders the rest'
