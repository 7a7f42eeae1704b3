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
# tells FILE TEXT: lint has that finding of the host there.
tells() {
	"$straylight" lint --format=github "$work/ws" > "$work/found" 2> "$work/messages" || fail "lint: $(cat "$work/messages")"
	grep -q "file=$1,.*title=E1215 .*::.*$2" "$work/found" || fail "lint does not tell of the host: $(cat "$work/found")"
}
tells host/BUILD.dhall "'hosted' was built with /usr, /bin, /lib, /lib64 of the host in sight"
echo '(env:STRAYLIGHT_PRELUDE).Workspace::{ host_paths = [ "/usr", "/bin", "/lib", "/lib64" ] }' > ../straylight.dhall
same "with the workspace's folders" 0 "$(count ran)"
tells straylight.dhall "builders of derivations see '/usr' of the host"
grep -q "file=host/BUILD.dhall,.*E1215" "$work/found" && fail "lint tells of what is no longer so: $(cat "$work/found")"
[ -s ../straylight-out/host/hosted/out ] || fail "the builder of the host made nothing"

# Packages along the search path: outside of the workspace, and still what is built follows from them.
echo '(env:STRAYLIGHT_PRELUDE).Workspace::{=}' > ../straylight.dhall
mkdir -p "$work/nixpkgs/lib" ../packed
cp /bin/busybox "$work/nixpkgs/busybox"
cat > "$work/nixpkgs/default.nix" << 'END'
{ system ? builtins.currentSystem }: rec {
  sh = name: attrs: script: derivation ({ inherit name system; builder = "/bin/sh"; args = [ "-c" script ]; } // attrs);
  busybox = sh "busybox-1" { } "mkdir -p $out/bin; cp ${./busybox} $out/bin/sh; chmod 755 $out/bin/sh";
  rustc = sh "rustc-1.0" { outputs = [ "out" "doc" ]; }
    ''mkdir -p $out/bin $doc; { echo "#!${busybox}/bin/sh"; echo "echo ${import ./lib/word.nix} \$* > \$OUT"; } > $out/bin/rustc; chmod 755 $out/bin/rustc'';
  callPackage = f: a: (if builtins.isPath f then import f else f) ({ inherit sh rustc; } // a);
}
END
echo '"compiled"' > "$work/nixpkgs/lib/word.nix"
cd ../packed
echo '{ sh, rustc }: sh "packed-1" { } "OUT=$out ${rustc}/bin/rustc it"' > default.nix
if "$straylight" wrap --nix . > BUILD.dhall 2> "$work/messages"; then fail "it wrapped what nobody knows"; fi
grep -q "'rustc', 'sh'" "$work/messages" || fail "it does not name the arguments: $(cat "$work/messages")"
export NIX_PATH="nixpkgs=$work/nixpkgs"
"$straylight" wrap --nix . > BUILD.dhall
build
same "what nixpkgs made" "compiled it" "$(cat ../straylight-out/packed/packed/out)"
sleep 0.1
build
build
grep -q '^nothing to do' "$work/messages" || fail "with nixpkgs a second build did something: $(cat "$work/messages")"
sleep 0.1
echo '"translated"' > "$work/nixpkgs/lib/word.nix"
build --explain
same "after an edit of nixpkgs" "translated it" "$(cat ../straylight-out/packed/packed/out)"
grep -q 'because derivation' "$work/messages" || fail "it does not say why: $(cat "$work/messages")"

# A toolchain of Nix.
mkdir -p ../toolchains ../tool
cat > ../toolchains/nix.dhall << 'END'
let S = env:STRAYLIGHT_PRELUDE

in  { rustc = S.Toolchain.fromNix "nixpkgs#rustc" }
END
cat > ../straylight.dhall << 'END'
let S = env:STRAYLIGHT_PRELUDE

in  S.Workspace::{ toolchains = toMap { rust = (./toolchains/nix.dhall).rustc } }
END
cat > ../tool/BUILD.dhall << 'END'
let S = env:STRAYLIGHT_PRELUDE

let run =
      S.Run::{
      , tool = S.program "rust" "rustc"
      , arguments = [ S.word "by a rule" ]
      , env = [ { name = "OUT", value = S.Analysis.output "o" } ]
      }

in  { tool = S.genrule "tool" ([] : List Text) [ "o" ] [ S.Command.Run run ] }
END
cd ../tool
"$straylight" build > "$work/paths" 2> "$work/messages" || fail "with a toolchain of Nix: $(cat "$work/messages")"
same "what the toolchain made" "translated by a rule" "$(cat ../straylight-out/tool/tool/o)"
if NIX_PATH= "$straylight" build > "$work/paths" 2> "$work/messages"; then fail "there was a toolchain without nixpkgs"; fi
grep -q "NIX_PATH=nixpkgs=FOLDER" "$work/messages" || fail "it does not say where toolchains are looked for: $(cat "$work/messages")"

# By the host's nix.
if [ -z "$remote" ] && command -v nix > /dev/null; then
	mkdir "$work/conf"
	cat > "$work/conf/nix.conf" << END
build-users-group =
sandbox = true
sandbox-paths = /bin/sh=/bin/busybox
substitute = false
END
	export NIX_CONF_DIR="$work/conf" NIX_STATE_DIR="$work/root/nix/var/nix" NIX_LOG_DIR="$work/log" NIX_REMOTE="local?root=$work/root"
	cd ../pkg
	"$straylight" wrap --nix . > BUILD.dhall
	build //pkg:all
	cp -R ../straylight-out/pkg "$work/ours"
	rm -rf ../straylight-out/pkg
	build --nix=host //pkg:all
	diff -r --no-dereference "$work/ours" ../straylight-out/pkg || fail "the host's nix makes something else"
	"$straylight" why //pkg:greet | grep -q "the host's nix builds it" || fail "nobody knows that the host's nix built it"
	tells pkg/BUILD.dhall "'greet' was built by the host's Nix"
	same "what the host's nix made is no result" 0 "$(count ran //pkg:all)"
fi

# docs/wrap.md says what works: its commands, what they write, and a derivation in Dhall.
# block LANGUAGE N: the Nth block of it.
block() { awk -v lang="$1" -v n="$2" '$0 == "```" { on = 0 } on { print } $0 == "```" lang && ++seen == n { on = 1 }' "$tests/../../docs/wrap.md"; }
mkdir "$work/docs" "$work/bin"
ln -s "$straylight" "$work/bin/straylight"
cd "$work/docs"
block sh 1 > ../commands
grep -q 'straylight wrap --nix ./default.nix > BUILD.dhall' ../commands || fail "docs/wrap.md has other commands"
PATH="$work/bin:$PATH" sh -e ../commands > ../said 2>&1 || fail "docs/wrap.md: $(cat ../said)"
same "what docs/wrap.md builds" "hello, world" "$(cat straylight-out/greet/out)"
block dhall 1 > ../wanted
sed 1d BUILD.dhall > ../written
cmp ../wanted ../written || fail "docs/wrap.md shows another BUILD.dhall"
echo 'a note' > notes.txt
block dhall 3 > BUILD.dhall
build //:notes
same "the derivation in Dhall of docs/wrap.md" "a note" "$(cat straylight-out/notes/out)"

# What other actions make, and artifacts, are inputs as sources are.
mkdir "$work/inputs"
cd "$work/inputs"
echo '(env:STRAYLIGHT_PRELUDE).Workspace::{=}' > straylight.dhall
echo kept > kept.txt
digest=$("$straylight" cas put kept.txt | sed 's/ .*//')
rm kept.txt
cat > default.nix << 'END'
derivation { name = "uses"; system = builtins.currentSystem; builder = "/bin/sh"; args = [ "-c" "cat ${./straylight-out/text/o} > $out" ]; }
END
cat > BUILD.dhall << END
let S = env:STRAYLIGHT_PRELUDE

let A = S.Action

let D = S.Derivation

in  { text = S.genrule "text" ([] : List Text) [ "o" ] [ S.Command.Write { output = "o", content = S.word "made", executable = False } ]
    , uses =
        S.action
          "uses"
          A.Action::{
          , category = A.ActionCategory.Custom "nix-compat"
          , identifier = "uses"
          , inputs = [ A.Input.Source "default.nix", A.Input.Dep ":text" ]
          , outputs = [ { name = "out", binding = Some "out" } ]
          , command = [ "nix", "build", "--no-link", "(import ./default.nix)" ]
          }
    , stored =
        S.action
          "stored"
          ( D.nixCompat
              (     D.derivation "stored" "/bin/sh" [ "-c", "cat \$inputs > \$out" ]
                //  { inputs = [ D.Input.Store { name = "kept.txt", digest = "$digest" } ] }
              )
          )
    }
END
build //...
same "from another action" "made" "$(cat straylight-out/uses/out)"
same "from an artifact" "kept" "$(cat straylight-out/stored/out)"
echo "wrapped, built, edited${remote:+, at $STRAYLIGHT_TEST_RE}"
