#!/bin/sh
# A default.nix as a target: wrapped, built, edited, built again.   wrap.sh BINARY [COMMAND…]
# The command starts a Remote Execution server, and runs what it gets as further arguments with STRAYLIGHT_TEST_RE set; then the
# builders run there.
binary=$1
shift
if [ $# -gt 0 ]; then
	exec "$@" "$0" "$binary"
fi
set -- "$binary"
. "$(dirname "$0")/lib.sh"
[ -x /bin/busybox ] || { echo "skipped: busybox-static is not installed"; exit 77; }
remote=
[ -z "${STRAYLIGHT_TEST_RE:-}" ] || remote="--remote=$STRAYLIGHT_TEST_RE --require-remote"
unset NIX_PATH

# build [OPTION…]: what it says goes to ./messages.
build() {
	# shellcheck disable=SC2086
	"$straylight" build $remote "$@" > "$work/paths" 2> "$work/messages" || fail "build $*: $(cat "$work/messages")"
}

# count KEY [OPTION…]: of the summary.
count() {
	key=$1
	shift
	# shellcheck disable=SC2086
	"$straylight" build $remote --json "$@" 2> "$work/messages" > "$work/json" || fail "build $*: $(cat "$work/messages")"
	python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["summary"][sys.argv[2]])' "$work/json" "$key"
}

mkdir -p ws/pkg/src/sub
cd ws
echo '(env:STRAYLIGHT_PRELUDE).Workspace::{=}' > straylight.dhall
cd pkg
cat > default.nix << 'END'
{ greeting ? "hello" }:
let
  system = builtins.currentSystem;
  sh = name: attrs: script: derivation ({ inherit name system; builder = "/bin/sh"; args = [ "-c" script ]; } // attrs);
  text = sh "text-1" { } ''echo "${import ./word.nix}" > $out'';
in rec {
  greet = sh "greet-1.0" { outputs = [ "out" "doc" ]; src = ./src; inherit text; }
    ''mkdir $out; cp -R $src/. $out/; ln -s a $out/link; echo "${greeting} $(cat $text)" > $out/greeting; chmod +x $out/greeting; echo manual > $doc'';
  nested = { recurseForDerivations = true; link = sh "link-2" { } ''ln -s nowhere $out''; };
  number = 7;
}
END
echo '"world"' > word.nix
echo a > src/a
echo b > src/sub/b
echo not-read > unread

# As the roadmap spells it: BUILD.dhall is there, and empty, while it runs.
"$straylight" wrap --nix ./default.nix > BUILD.dhall || fail "wrap"
"$straylight" dhall format --check BUILD.dhall || fail "the output is not formatted"
same "targets" "//pkg:greet //pkg:link" "$("$straylight" query targets //pkg:all | tr '\n' ' ' | sed 's/ $//')"
"$straylight" query actions :greet > "$work/actions"
grep -qF "nix build --no-link '(import ./default.nix { }).greet'" "$work/actions" || fail "the command: $(cat "$work/actions")"
grep -q unread BUILD.dhall && fail "what is not read is an input"

build //...
same "the greeting" "hello world" "$(cat ../straylight-out/pkg/greet/out/greeting)"
[ -x ../straylight-out/pkg/greet/out/greeting ] || fail "it is not executable"
same "a link in it" a "$(readlink ../straylight-out/pkg/greet/out/link)"
same "the source" "a b" "$(cat ../straylight-out/pkg/greet/out/a ../straylight-out/pkg/greet/out/sub/b | tr '\n' ' ' | sed 's/ $//')"
same "another output" manual "$(cat ../straylight-out/pkg/greet/doc)"
same "a link as output" nowhere "$(readlink ../straylight-out/pkg/link/out)"

# Nothing has changed.
sleep 0.1
build //...
build //...
grep -q '^nothing to do' "$work/messages" || fail "a second build did something: $(cat "$work/messages")"
same "actions that ran again" 0 "$(count ran //...)"

# Edits: of what is not read, of a source, of an imported file, of the expression; back again.
echo more >> unread
same "after an edit of what is not read" 0 "$(count ran //...)"
echo c > src/sub/b
same "after an edit of a source" 1 "$(count ran //...)"
same "the new source" c "$(cat ../straylight-out/pkg/greet/out/sub/b)"
echo '"moon"' > word.nix
same "after an edit of an imported file" 1 "$(count ran //...)"
same "the new greeting" "hello moon" "$(cat ../straylight-out/pkg/greet/out/greeting)"
sed -i 's/? "hello"/? "good day"/' default.nix
build --explain //...
grep -q "default.nix" "$work/messages" || fail "it does not say why: $(cat "$work/messages")"
same "the newest greeting" "good day moon" "$(cat ../straylight-out/pkg/greet/out/greeting)"
sed -i 's/? "good day"/? "hello"/' default.nix
same "after the way back" 0 "$(count ran //...)"
same "the greeting of before" "hello moon" "$(cat ../straylight-out/pkg/greet/out/greeting)"
# A comment changes the file and not the derivation.
echo '# a comment' >> default.nix
same "the greeting with a comment" 0 "$(count failed //...)"

# In another workspace everything is there, by the cache of this machine.
cp -R ../../ws ../../other
rm -rf ../../other/.straylight ../../other/straylight-out
cd ../../other/pkg
same "in another workspace" 0 "$(count ran //...)"
cd ../../ws/pkg

# Another target takes what it made.
cat > ../BUILD.dhall << 'END'
let S = env:STRAYLIGHT_PRELUDE

in  { both = S.filegroup "both" [ "//pkg:greet", "//pkg:link" ] }
END
build //:both

# What is not an input is not there, and the error says so.
sed -i '/word.nix/d' BUILD.dhall
sed -i 's/, Action.Input.Source "word.nix"//' BUILD.dhall
if "$straylight" build //... > "$work/paths" 2> "$work/messages"; then fail "it read what it does not declare"; fi
grep -q "word.nix" "$work/messages" || fail "it does not name the file: $(cat "$work/messages")"

# Builders that expect a host.
mkdir ../host
cd ../host
cat > default.nix << 'END'
derivation { name = "hosted"; system = builtins.currentSystem; builder = "/bin/bash"; args = [ "-c" "echo $BASH_VERSION > $out" ]; }
END
"$straylight" wrap --nix . > BUILD.dhall
if "$straylight" build > "$work/paths" 2> "$work/messages"; then fail "a builder of the host was there"; fi
build --host-path=/usr,/bin,/lib,/lib64
echo '(env:STRAYLIGHT_PRELUDE).Workspace::{ host_paths = [ "/usr", "/bin", "/lib", "/lib64" ] }' > ../straylight.dhall
same "with the workspace's folders" 0 "$(count ran)"
[ -s ../straylight-out/host/hosted/out ] || fail "the builder of the host made nothing"
echo "wrapped, built, edited${remote:+, at $STRAYLIGHT_TEST_RE}"
