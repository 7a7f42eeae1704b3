#!/bin/sh
# The examples of the roadmap as they are written there, corrected only where they are not Dhall, and its commands in
# each of their spellings.   roadmap.sh BINARY
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
rm constrained.dhall package.dhall

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

# Migration Commands, where they are.
# has COMMAND: is there one?
has() { "$straylight" help "$1" > /dev/null 2>&1; }
if has migrate; then
	"$straylight" migrate --phase1 > "$work/a" || true
	"$straylight" migrate --to=phase1 --dry-run > "$work/b" || true
	cmp "$work/a" "$work/b" || fail "migrate --phase1 is not migrate --to=phase1 --dry-run"
	"$straylight" migrate --to=phase1 --fix > /dev/null || [ $? -eq 1 ] || fail "migrate --to=phase1 --fix"
fi
if has convert; then
	"$straylight" convert --from=nix --to=dice ./app/default.nix > /dev/null 2>&1 || [ $? -eq 1 ] || fail "convert"
fi
echo "the roadmap's examples and commands"
