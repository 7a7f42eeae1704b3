#!/bin/sh
# What was instantiated is remembered as long as all that was read is the same, and not longer.   nix-remembered.sh BINARY
. "$(dirname "$0")/lib.sh"

cat > default.nix << 'END'
{ more ? "" }:
let
  raw = name: attrs: derivation ({ inherit name; system = "s"; builder = "/b"; } // attrs);
  kept = path: type: baseNameOf path != "ignored";
in {
  plain = raw "plain" { inherit more; };
  imported = raw "imported" { v = import ./part.nix; };
  read = raw "read" { v = builtins.readFile ./part.nix; };
  listed = raw "listed" { v = toString (builtins.attrNames (builtins.readDir ./folder)); };
  exists = raw "exists" { v = builtins.pathExists ./folder/new; };
  variable = raw "variable" { v = builtins.getEnv "SEEN"; };
  source = raw "source" { src = ./folder; };
  filtered = raw "filtered" { src = builtins.filterSource kept ./folder; };
  file = raw "file" { src = ./part.nix; };
  searched = raw "searched" { v = import <part>; };
  many = { recurseForDerivations = true; a = raw "a" { }; b = raw "b" { outputs = [ "dev" "out" ]; }; };
  time = raw "time" { v = builtins.currentTime >= 0; };
  traced = builtins.trace "something was said" (raw "traced" { });
  fetched = raw "fetched" { src = fetchTarball "file://${toString ./.}/archive.tar.gz"; };
}
END
echo '"one"' > part.nix
mkdir -p folder/sub other
echo text > folder/file
echo inner > folder/sub/inner
echo ignored > folder/ignored
ln -s file folder/link
echo '"other"' > other/part.nix
tar -czf archive.tar.gz folder
find . -exec touch -h -d '2001-01-01' {} +
sleep 0.2 # sources that are as young as the evaluation are not believed

# instantiate HOW ATTR [OPTION…]: its derivation; it must have been evaluated, or remembered.
instantiate() {
	how=$1 attr=$2
	shift 2
	"$straylight" nix instantiate -v -A "$attr" "$@" > out 2> err || fail "$attr: $(cat err)"
	grep -q "^$how" err || fail "'$attr' is not $how: $(cat err)"
	"$straylight" nix instantiate --readonly-mode -A "$attr" "$@" > right 2> err || fail "$attr: $(cat err)"
	same "$attr" "$(cat right)" "$(cat out)"
}
# twice ATTR [OPTION…]
twice() {
	instantiate evaluated "$@"
	instantiate remembered "$@"
}

for attr in plain imported read listed exists variable source filtered file many many.b.dev; do twice $attr; done
twice searched -I part="$PWD/part.nix"
twice searched -I part="$PWD/other/part.nix"
twice plain --argstr more=text
twice plain --arg 'more="te" + "xt"'
twice '' -E '(import ./. { }).plain'
instantiate remembered plain
instantiate remembered searched -I part="$PWD/part.nix"

# Each change is seen by those whom it concerns, and the old state is known when it comes back.
echo '"two"' > part.nix
sleep 0.2
for attr in imported read file; do twice $attr; done
twice searched -I part="$PWD/part.nix"
for attr in plain listed exists variable source filtered; do instantiate remembered $attr; done
echo '"one"' > part.nix
sleep 0.2
for attr in imported read file; do instantiate remembered $attr; done
echo more >> folder/ignored
sleep 0.2
twice source
instantiate remembered filtered
echo more >> folder/sub/inner
sleep 0.2
twice source
twice filtered
instantiate remembered listed
chmod +x folder/file
sleep 0.2
twice filtered
echo new > folder/new
sleep 0.2
for attr in listed exists source filtered; do twice $attr; done
rm folder/link
ln -s sub folder/link
sleep 0.2
twice filtered
export SEEN=1
twice variable
unset SEEN
instantiate remembered variable

# What has no lasting answer is evaluated each time.
for attr in time traced fetched; do
	instantiate evaluated $attr
	instantiate evaluated $attr
done
"$straylight" nix instantiate -v -A time 2>&1 | grep -q 'not remembered' || fail 'why it is evaluated again is not said'
"$straylight" nix instantiate -A traced 2>&1 | grep -q 'something was said' || fail 'a trace is heard each time'

# What is remembered is there: a derivation that was removed is made again.
instantiate remembered plain
chmod -R u+w "$XDG_CACHE_HOME/straylight/nix"
rm "$XDG_CACHE_HOME/straylight/nix/store/$(basename "$(cat out)")"
twice plain
[ -e "$XDG_CACHE_HOME/straylight/nix/store/$(basename "$(cat out)")" ] || fail 'the derivation is there again'
echo 'what was instantiated is remembered, and forgotten when it must be'
