#!/bin/sh
# What the contract of the command line says of the ladder and of Nix: each command with each of its spellings, where its result goes,
# and how it exits.   spellings.sh BINARY
. "$(dirname "$0")/lib.sh"
unset NIX_PATH
count=0

# is CODE COMMAND…: it exits so; what it prints is in $work/out and $work/err.
is() {
	wanted=$1
	shift
	code=0
	"$straylight" "$@" > "$work/out" 2> "$work/err" || code=$?
	[ "$code" = "$wanted" ] || fail "straylight $*: exit $code, not $wanted: $(cat "$work/out" "$work/err")"
	count=$((count + 1))
}
# says TEXT · silent · complains TEXT: of the last command's standard output, and its messages.
says() { grep -qF -- "$1" "$work/out" || fail "no '$1' in: $(cat "$work/out" "$work/err")"; }
silent() { [ ! -s "$work/out" ] || fail "it prints: $(cat "$work/out")"; }
complains() { grep -qF -- "$1" "$work/err" || fail "no message '$1' in: $(cat "$work/err")"; }
alike() { cmp "$1" "$2" || fail "$3"; }

"$straylight" init -q --vendor-prelude ws > /dev/null
cd ws
rm hello.c BUILD.dhall
cat > one.dhall << 'END'
let D = ./prelude/Derivation.dhall

in  D.mkDerivation "one" (D.drv "source") // { env = [ { name = "A", value = "b" } ], allowedReferences = Some [ "out" ] }
END
echo '{ a = ./one.dhall, b = { c = ./one.dhall } }' > record.dhall
echo '[ ./one.dhall, ./one.dhall ]' > list.dhall
cat > target.dhall << 'END'
let S = ./prelude/package.dhall

in  S.cxx_library "lib" [ "a.c" ] ([] : List Text) ([] : List Text)
END
cat > default.nix << 'END'
{ name ? "tool" }: { tool = derivation { inherit name; system = "x86_64-linux"; builder = "/bin/sh"; args = [ "-c" "echo $name > $out" ]; }; }
END

# ---- lint [--level=…] [--phase1] [--strict] [--min-pass=PERCENT] [--format=…] [PATH…] ----
for level in permissive constrained dice-preferred; do
	code=0
	[ $level != dice-preferred ] || code=1
	is $code lint --level=$level one.dhall
	says "of 1 targets pass $level ("
done
cp "$work/out" "$work/preferred"
for level in dice-required pure-dice; do
	is 1 lint --level=$level one.dhall
	says "0 of 1 targets pass $level (0 %)"
done
is 0 lint --phase1 one.dhall
cp "$work/out" "$work/phase1"
is 0 lint --level=constrained one.dhall
alike "$work/out" "$work/phase1" "--phase1 is not --level=constrained"
is 0 lint one.dhall
alike "$work/out" "$work/phase1" "the default is not what straylight.dhall says"
is 1 lint --strict one.dhall
is 0 lint --strict --level=permissive one.dhall
says '1 of 1 targets pass permissive (100 %)'
is 0 lint --strict target.dhall
is 0 lint --min-pass=50 one.dhall target.dhall
is 1 lint --min-pass=51 one.dhall target.dhall
complains 'fewer than 51 % of the targets pass'
is 0 lint --min-pass=0 one.dhall
is 2 lint --min-pass=101 one.dhall
is 2 lint --min-pass=many one.dhall
is 2 lint --level=none one.dhall
is 2 lint --format=xml one.dhall
is 2 lint absent.dhall
is 2 lint --phase1 --level=pure-dice one.dhall
for format in text json sarif github; do
	is 0 lint --format=$format one.dhall
	says E1201
done
is 0 lint --format=json one.dhall
cp "$work/out" "$work/json"
is 0 lint --json one.dhall
alike "$work/out" "$work/json" "--json is not --format=json"
is 0 lint record.dhall
says 'of 2 targets'
is 0 lint list.dhall
says 'of 2 targets'
is 0 lint target.dhall
says '1 of 1 targets pass constrained (100 %)'
is 0 lint default.nix
says 'of 1 targets'
is 0 lint .
is 0 lint
cd ..
is 0 -C ws lint one.dhall
cd ws
alike "$work/out" "$work/phase1" "the folder changes what is found"
is 0 lint --help
says --min-pass

# ---- migrate (--phase1 | --to=phase1…phase4) [--dry-run | --fix] [PATH…] ----
cp one.dhall "$work/one"
is 0 migrate --phase1 one.dhall
cp "$work/out" "$work/plan"
is 0 migrate --to=phase1 one.dhall
alike "$work/out" "$work/plan" "--to=phase1 is not --phase1"
is 0 migrate --to=phase1 --dry-run one.dhall
alike "$work/out" "$work/plan" "--dry-run is not the default"
alike one.dhall "$work/one" "--dry-run has written"
is 0 migrate --to=phase1 --fix one.dhall
is 0 migrate --to=phase2 one.dhall
for phase in phase3 phase4; do
	is 1 migrate --to=$phase one.dhall
	says "'one' is built by Nix"
done
is 0 migrate --phase1 target.dhall
is 2 migrate one.dhall
is 2 migrate --to=phase5 one.dhall
is 2 migrate --phase1 --dry-run --fix one.dhall
is 2 migrate --phase1 absent.dhall
is 0 migrate --json --phase1 one.dhall

# ---- wrap --nix [-A ATTR] FILE ----
is 0 wrap --nix ./default.nix
cp "$work/out" "$work/wrapped"
says 'Custom "nix-compat"'
is 0 wrap --nix -A tool default.nix
is 0 wrap --nix --attr=tool default.nix
is 0 wrap --nix .
alike "$work/out" "$work/wrapped" "a folder is not its default.nix"
is 1 wrap --nix -A other default.nix
silent
is 2 wrap default.nix
is 2 wrap --nix
is 2 wrap --nix absent.nix
silent

# ---- convert --from=nix --to=dice [-A ATTR] [-o FILE] FILE ----
cat > simple.nix << 'END'
{ runCommand }: { good = runCommand "good" { } "mkdir $out; echo a > $out/a"; bad = runCommand "bad" { } "cat /etc/passwd | sh > $out"; }
END
is 1 convert --from=nix --to=dice simple.nix
cp "$work/out" "$work/both"
says good
complains bad
is 1 convert simple.nix
alike "$work/out" "$work/both" "Nix to DICE is not the default"
is 0 convert --from=nix --to=dice -A good simple.nix
cp "$work/out" "$work/good"
is 0 convert --from=nix --to=dice --attr=good simple.nix
is 0 convert --from=nix --to=dice -A good -o "$work/file" simple.nix
alike "$work/file" "$work/good" "-o writes something else"
is 1 convert --from=nix --to=dice -A other simple.nix
silent
is 2 convert --from=make --to=dice simple.nix
is 2 convert --from=nix --to=nix simple.nix
is 2 convert --from=nix --to=dice

# ---- dhall to-nix [FILE|-] ----
is 0 dhall to-nix one.dhall
cp "$work/out" "$work/nix"
is 0 dhall to-nix - < one.dhall
alike "$work/out" "$work/nix" "dhall to-nix - writes something else"
echo '1 + True' > bad.dhall
is 1 dhall to-nix bad.dhall
silent
rm bad.dhall

# ---- nix instantiate [-A ATTR] FILE · nix eval · nix hash · nix dump/restore ----
is 0 nix instantiate default.nix
cp "$work/out" "$work/drv"
grep -qxE '/nix/store/[0-9a-z]{32}-tool\.drv' "$work/drv" || fail "no path of a .drv: $(cat "$work/drv")"
is 0 nix instantiate -A tool default.nix
alike "$work/out" "$work/drv" "-A tool is another derivation"
is 1 nix instantiate -A other default.nix
silent
is 2 nix instantiate absent.nix
echo '{ a = 1 + 1; b = [ <x/one> ]; }' > value.nix
is 0 nix eval -A a value.nix
same "nix eval" 2 "$(cat "$work/out")"
is 0 nix eval --json -I x=. -E '{ a = baseNameOf <x/one.dhall>; }'
same "nix eval --json" '{"a":"one.dhall"}' "$(cat "$work/out")"
is 0 nix eval --xml -E '1'
says '<int value="1" />'
is 0 nix eval --strict -E '[ (1 + 1) ]'
same "nix eval --strict" '[ 2 ]' "$(cat "$work/out")"
is 1 nix eval -E 'throw "no"'
is 0 nix hash one.dhall
grep -qxE 'sha256-[A-Za-z0-9+/]{43}=' "$work/out" || fail "nix hash: $(cat "$work/out")"
is 0 nix dump one.dhall
"$straylight" nix restore "$work/restored" < "$work/out"
alike one.dhall "$work/restored" "nix restore gives something else"
echo "$count commands as the contract spells them"
