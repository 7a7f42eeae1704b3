#!/bin/sh
# The examples of the roadmap as they are written there, corrected only where they are not Dhall, and its commands in
# each of their spellings.   roadmap.sh BINARY
#
#	phase  what is written there                                    corrected
#	0      Derivation.dhall -> dhall-to-nix -> .nix                 `straylight dhall to-nix`
#	0      D.mkDerivation "hello" (D.Input.Src ./.) // { … }        Input.Src takes a text
#	0      escape hatches: builtins.toNix, env, phases, references  a row each below, with its finding
#	1      ConstrainedDerivation = { system, builder, inputs }      its types are D.System and so on
#	1      banned and required                                      a row each below, with its finding
#	1      lint --phase1 · migrate --phase1
#	2      nixCompat: Action.Action { … }                           Action.Action::{ … }
#	3      Toolchain.fromNix "nixpkgs#rustc", "nixpkgs#clang"
#	3      S.rust_library "mylib" […] […] // { toolchain = … }      lists with elements, or of a type
#	3      no Derivation.dhall, mkDerivation, raw shell             a row each below, with its finding
#	4      build works without Nix installed
#	-      lint --level=permissive … pure-dice
#	-      migrate --to=phase1 --dry-run · --fix
#	-      convert --from=nix --to=dice ./default.nix
#	-      wrap --nix ./default.nix > BUILD.dhall
. "$(dirname "$0")/lib.sh"
[ -x /bin/busybox ] || { echo "skipped: busybox-static is not installed"; exit 77; }
unset NIX_PATH

# refused WHAT TEXT COMMAND…: it fails with 1, and says so.
refused() {
	what=$1
	text=$2
	shift 2
	code=0
	"$straylight" "$@" > "$work/messages" 2>&1 || code=$?
	same "$what" 1 "$code"
	grep -qF -- "$text" "$work/messages" || fail "$what: no '$text' in: $(cat "$work/messages")"
}

"$straylight" init -q --vendor-prelude ws > /dev/null
cd ws
rm hello.c BUILD.dhall

# Phase 0: Full Nix Compatibility.
cat > package.dhall << 'END'
let D = ./prelude/Derivation.dhall

let myPackage = D.mkDerivation "hello" (D.Input.Src ".")
    // { buildPhase = Some "make"
       , installPhase = Some "make install PREFIX=$out"
       }

in myPackage
END
"$straylight" dhall type --quiet package.dhall
"$straylight" dhall to-nix package.dhall > package.nix
same "dhall to-nix" '{ stdenv }:' "$(head -n 1 package.nix)"
# shellcheck disable=SC2016
grep -qF 'installPhase = "make install PREFIX=$out";' package.nix || fail "dhall to-nix: $(cat package.nix)"
rm package.nix
sed 's|"\."|./.|' package.dhall > old.dhall
refused "Input.Src ./." 'D.Input.Src "."' dhall type old.dhall
rm old.dhall

# Phase 1: Constrained Derivations.
cat > constrained.dhall << 'END'
let D = ./prelude/Derivation.dhall

let System = D.System

let Builder = D.Builder

let Input = D.ConstrainedInput

let ConstrainedDerivation =
      { -- REQUIRED: explicit system
        system : System
        -- REQUIRED: typed builder (not arbitrary path)
      , builder : Builder
        -- REQUIRED: all inputs declared
      , inputs : List Input
        -- BANNED: no raw env vars
        -- env : List EnvVar  -- REMOVED
        -- BANNED: no custom phases
        -- phases : List BuildPhase  -- REMOVED
      }

in  \(d : D.ConstrainedDerivation) -> d.{ system, builder, inputs } : ConstrainedDerivation
END
"$straylight" dhall type --quiet constrained.dhall
"$straylight" lint --phase1 package.dhall > "$work/phase1" || fail "lint --phase1"
grep -q '0 of 1 targets pass constrained' "$work/phase1" || fail "lint --phase1: $(cat "$work/phase1")"
"$straylight" lint --level=constrained package.dhall | cmp - "$work/phase1" || fail "--phase1 is not --level=constrained"
# The roadmap's own lines lack the module's names: each unbound one is said.
sed '/^let System = /d' constrained.dhall > old.dhall
refused "an unbound System" "'System'" dhall type old.dhall
rm old.dhall constrained.dhall package.dhall

# finds LEVEL SEVERITY CODE RECORD: a package with these fields has that finding, and does not pass.
finds() {
	cat > hatch.dhall << END
let D = ./prelude/Derivation.dhall

in  D.mkDerivation "hatch" (D.drv "hello") // { allowedReferences = Some [ "out" ] } // $4
END
	"$straylight" lint --level="$1" --format=github hatch.dhall > "$work/found" || [ $? -eq 1 ]
	grep -q "^::$2 .*title=$3 " "$work/found" || fail "$4 at $1: no $2 $3 in: $(cat "$work/found")"
	grep -q "^0 of 1 targets pass $1" "$work/found" || fail "$4 passes $1"
}
finds constrained warning E1209 '{ attrs = toMap { configureFlags = D.builtins.toNix "[ pkgs.zlib ]" } }'
finds constrained warning E1201 '{ env = [ { name = "CFLAGS", value = "-O3" } ] }'
finds constrained warning E1202 '{ buildPhase = Some "make" }'
finds constrained warning E1202 '{ phases = Some [ D.Phase.Unpack, D.Phase.Custom "make" ] }'
finds constrained warning E1208 '{ allowedReferences = None (List Text) }'
finds constrained warning E1204 '{ allowSubstitutes = False }'
finds constrained warning E1205 '{ __impure = True }'
finds constrained warning E1206 '{ src = D.Input.Src "./foo" }'
finds constrained warning E1207 '{ outputs = [ "" ] }'
finds constrained warning E1207 '{ outputs = [] : List Text }'
finds dice-preferred error E1221 '{=}'
finds dice-required error E1232 '{=}'
finds dice-required error E1233 '{=}'
finds dice-required error E1234 '{ buildPhase = Some "make" }'
finds pure-dice error E1232 '{=}'
rm hatch.dhall

# Phase 2: The NixCompat wrapper.
cat > BUILD.dhall << 'END'
let Action = ./prelude/Action.dhall

let Toolchain = ./prelude/Toolchain.dhall

let D = ./prelude/Derivation.dhall

let Derivation = D.Derivation

let drvInputsToActionInputs = D.drvInputsToActionInputs

let drvOutputsToActionOutputs = D.drvOutputsToActionOutputs

let drvToExpr = D.drvToExpr

-- Wrap a Nix derivation as a DICE action
let nixCompat =
      \(drv : Derivation) ->
        Action.Action::
          { category = Action.ActionCategory.Custom "nix-compat"
          , identifier = drv.name
          , inputs = drvInputsToActionInputs drv.inputs
          , outputs = drvOutputsToActionOutputs drv.outputs
          , command = [ "nix", "build", "--no-link", drvToExpr drv ]
          , env = [] : List Action.EnvVar
          , toolchain = None Toolchain.Toolchain
          }

let drv = D.derivation "motd-1" "/bin/sh" [ "-c", "read -r line < $inputs; echo \"$TITLE: $line \\\\\" > $out; echo more > $doc" ]
    // { inputs = [ D.Input.Src "motd.txt" ]
       , outputs = [ D.output "out", D.output "doc" ]
       , env = [ { name = "TITLE", value = "today \${no} \"quote\" \\" } ]
       }

in  { motd = Action.action "motd" (nixCompat drv), again = Action.action "again" (D.nixCompat drv) }
END
echo 'it rains' > motd.txt
"$straylight" build -q //... > "$work/paths"
# shellcheck disable=SC2016
same "the wrapped derivation" 'today ${no} "quote" \: it rains \' "$(cat straylight-out/motd/out)"
cmp straylight-out/motd/out straylight-out/again/out || fail "the prelude's wrapper makes something else"
same "its other output" more "$(cat straylight-out/motd/doc)"
"$straylight" query actions :motd | grep -q "nix build --no-link '(derivation {" || fail "query actions shows another command"
sed 's|Action.Action::|Action.Action|' BUILD.dhall > old.dhall
refused "Action.Action { … }" 'Action.Action::{ … }' dhall type old.dhall
rm old.dhall BUILD.dhall motd.txt

# Phase 3: The Bootstrap Boundary.
mkdir -p toolchains app
cat > toolchains/toolchains.dhall << 'END'
let Toolchain = ../prelude/Toolchain.dhall

-- Toolchains are still Nix-provided
let rustc = Toolchain.fromNix "nixpkgs#rustc"
let clang = Toolchain.fromNix "nixpkgs#clang"

in  { rustc, clang }
END
"$straylight" dhall type --quiet toolchains/toolchains.dhall
cat > app/lib.dhall << 'END'
let S = ../prelude/package.dhall

let rustc = (../toolchains/toolchains.dhall).rustc

-- But builds use DICE
let myLib = S.rust_library "mylib" [ "lib.rs" ] ([] : List Text)
    // { toolchain = Some rustc }

in  { myLib }
END
echo 'pub fn one() -> u32 { 1 }' > app/lib.rs
"$straylight" dhall type --quiet app/lib.dhall
"$straylight" lint --level=dice-required app/lib.dhall > "$work/found" || fail "the bootstrap boundary: $(cat "$work/found")"
refused "fromNix at pure-dice" E1242 lint --level=pure-dice app/lib.dhall
cp app/lib.dhall app/BUILD.dhall
refused "fromNix where there are no packages" NIX_PATH=nixpkgs=FOLDER build //app:mylib
# The same with what is installed, where it is.
if [ -x /usr/bin/rustc ]; then
	sed -i 's|^let rustc = .*|let rustc = S.Toolchain.hostRust { packages = [] : List Text }|' app/BUILD.dhall
	"$straylight" build -q //app:mylib > "$work/paths" || fail "the roadmap's library"
	same "the roadmap's library" straylight-out/app/mylib/libmylib.rlib "$(cat "$work/paths")"
fi
rm app/lib.dhall app/lib.rs app/BUILD.dhall

# Lint Levels, with a wrapped derivation and a package of phase 0.
cat > app/default.nix << 'END'
derivation { name = "app"; system = builtins.currentSystem; builder = "/bin/sh"; args = [ "-c" "echo app > $out" ]; }
END
# Wrap a Nix derivation as DICE (temporary)
cd app
"$straylight" wrap --nix ./default.nix > BUILD.dhall
cd ..
"$straylight" build -q //app
same "the wrapped file" app "$(cat straylight-out/app/app/out)"
for level in permissive constrained dice-preferred; do
	"$straylight" lint --level=$level > "$work/$level" || fail "lint --level=$level: $(cat "$work/$level")"
	grep -q "pass $level" "$work/$level" || fail "lint --level=$level does not sum up"
done
for level in dice-required pure-dice; do
	refused "lint --level=$level" "pass $level" lint --level=$level
done
# Without a word it is the level of straylight.dhall.
"$straylight" lint | cmp - "$work/constrained" || fail "lint is not lint --level=constrained"

# Phase 4: straylight build works without Nix installed; a builder's shell is busybox.
mkdir "$work/no-nix"
ln -s /bin/busybox "$work/no-nix/busybox"
(PATH=$work/no-nix; "$straylight" clean && XDG_CACHE_HOME=$work/other "$straylight" build -q //app) > "$work/messages" 2>&1 ||
	fail "a build without Nix: $(cat "$work/messages")"

# Migration Commands.  Show what needs to change for next phase: nothing is written.
cat > app/hello.dhall << 'END'
let D = ../prelude/Derivation.dhall

in  D.mkDerivation "hello" (D.drv "source") // { buildPhase = Some "make", installPhase = Some "make install PREFIX=$out" }
END
cp app/hello.dhall before.dhall
"$straylight" migrate --phase1 app/hello.dhall > "$work/a" || [ $? -eq 1 ] || fail "migrate --phase1"
"$straylight" migrate --to=phase1 --dry-run app/hello.dhall > "$work/b" || [ $? -eq 1 ] || fail "migrate --to=phase1 --dry-run"
cmp "$work/a" "$work/b" || fail "migrate --phase1 is not migrate --to=phase1 --dry-run"
grep -q '^-.*buildPhase' "$work/a" || fail "migrate --phase1 prints no diff: $(cat "$work/a")"
cmp app/hello.dhall before.dhall || fail "migrate --dry-run has written"
rm before.dhall
# Auto-fix what can be fixed.
"$straylight" migrate --to=phase1 --fix app/hello.dhall > "$work/c" || fail "migrate --to=phase1 --fix: $(cat "$work/c")"
"$straylight" lint --level=constrained --strict app/hello.dhall > "$work/found" || fail "the fixed package: $(cat "$work/found")"
rm app/hello.dhall

# Convert a Nix derivation to DICE.
mkdir native
cd native
cat > default.nix << 'END'
{ runCommand }: runCommand "greeting" { } "mkdir $out; echo hello > $out/text"
END
"$straylight" convert --from=nix --to=dice ./default.nix > ../converted || fail "convert"
mv ../converted BUILD.dhall
cd ..
"$straylight" dhall type --quiet native/BUILD.dhall
rm native/default.nix
"$straylight" lint --level=dice-required native > "$work/found" || fail "what was converted is Nix: $(cat "$work/found")"
echo "the roadmap's examples and commands"
