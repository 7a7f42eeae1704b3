#!/bin/sh
# The ladder over a corpus of Dhall packages:   tests/ladder.sh BINARY
# tests/ladder/dhall/in and the packages of tests/golden/lint/dhall/in are judged at every level and migrated to phase 1.
#	findings/LEVEL  what lint finds there, a line each
#	plan            what `migrate --phase1` prints below the diff
#	phase1/NAME     the packages after --fix, where they differ
#	planN, phaseN/  the same of phases 2 to 4
# Then, of what --fix wrote: it is the same after a second --fix, every file type-checks, every comment is still there, a
# package of which nothing is left to be done by hand passes the level, and as many of the packages reach it as is said below.
# STRAYLIGHT_ACCEPT=1 writes what was found as what must be.
set -eu
binary=$(realpath "$1")
tests=$(dirname "$(realpath "$0")")
want=$tests/ladder/dhall
work=$(mktemp -d)
work=$(realpath "$work")
trap 'rm -rf "$work"' EXIT
mkdir "$work/counted" "$work/bin" "$work/home" "$work/cache" "$work/got" "$work/got/findings" "$work/got/phase1"
ln -s "$binary" "$work/bin/straylight"
PATH=$work/bin:$PATH
unset STRAYLIGHT_PRELUDE XDG_CONFIG_HOME
export HOME="$work/home" XDG_CACHE_HOME="$work/cache" LC_ALL=C.UTF-8 TERM=dumb
cp -R "$want/in" "$work/before"
cp -R "$tests/golden/lint/dhall/in/." "$work/before"
cp -R "$work/before" "$work/run"
cd "$work/run"
failed=0
fail() { echo "ladder: $*"; failed=1; }

for level in permissive constrained dice-preferred dice-required pure-dice; do
	straylight lint --level=$level --format=github ./*.dhall > "$work/out" 2> "$work/err" || [ $? = 1 ]
	sed -E 's/^::([a-z]+) file=([^,]*),line=([0-9]+),col=([0-9]+).*title=(E[0-9]+) ([a-z-]+)::(.*)%0A.*%0A.*/\2:\3:\4: \1[\5] \7/' "$work/out" > "$work/got/findings/$level"
done
straylight migrate --phase1 ./*.dhall > "$work/out" 2> "$work/err" || [ $? = 1 ]
grep -v -E '^(---|\+\+\+|@@|[-+]| [^ ]| *$|   [^ ])' "$work/out" | sed -n '/^[a-z].*\.dhall/,$p' > "$work/got/plan"
straylight migrate --phase1 --fix ./*.dhall > "$work/out" 2> "$work/err" || [ $? = 1 ]
cat "$work/err"

total=0 passed=0
for file in *.dhall; do
	cmp -s "$file" "$work/before/$file" || cp "$file" "$work/got/phase1"
	straylight dhall type --quiet "$file" || fail "$file does not type-check"
	grep -o -e '-- .*' -e '{- .* -}' "$work/before/$file" | sort > "$work/comments" || true
	while read -r comment; do
		grep -q -F -e "$comment" "$file" || fail "$file has lost: $comment"
	done < "$work/comments"
	straylight lint --level=constrained "$file" > "$work/out" || true
	case $(tail -1 "$work/out") in
	0\ of\ 0*) continue ;;
	*'(100 %)') passed=$((passed + 1)) pass=yes ;;
	*) pass=no ;;
	esac
	total=$((total + 1))
	touch "$work/counted/$file"
	straylight migrate --phase1 "$file" > "$work/out" || true
	if grep -q '^  by hand' "$work/out"; then left=yes; else left=no; fi
	[ $pass$left = yesno ] || [ $pass$left = noyes ] || fail "$file: passes $pass, left by hand $left"
done
cp -R "$work/run" "$work/once"
straylight migrate --phase1 --fix ./*.dhall > "$work/out" 2> "$work/err" || [ $? = 1 ]
diff -ru "$work/once" "$work/run" || fail "a second --fix changed something"
echo "$passed of $total packages reach constrained by migrate --to=phase1 --fix ($((passed * 100 / total)) %)"
[ $((passed * 100)) -ge $((80 * total)) ] || fail "fewer than 80 %"
[ "$total" -ge 60 ] || fail "fewer than 60 packages"

# climb PHASE LEVEL LEAST: each from what it was.  All files at once: their types, and which pass, are what lint says.
climb() {
	phase=$1 level=$2 least=$3
	rm -rf "$work/run" "$work/once"
	cp -R "$work/before" "$work/run"
	cd "$work/run"
	mkdir "$work/got/phase$phase"
	straylight migrate --to="phase$phase" --fix ./*.dhall > "$work/out" 2> "$work/err" || [ $? = 1 ]
	sed "s|$work/run/||g" "$work/out" > "$work/got/plan$phase"
	cat "$work/err"
	straylight lint --level="$level" --format=github ./*.dhall > "$work/judged" 2> "$work/err" || [ $? = 1 ]
	[ ! -s "$work/err" ] || { cat "$work/err"; fail "phase $phase: a file cannot be judged"; }
	reached=0
	for file in *.dhall; do
		cmp -s "$file" "$work/before/$file" || cp "$file" "$work/got/phase$phase"
		grep -o -e '-- .*' -e '{- .* -}' "$work/before/$file" | sort > "$work/comments" || true
		while read -r comment; do
			grep -q -F -e "$comment" "$file" || fail "phase $phase: $file has lost: $comment"
		done < "$work/comments"
		[ -e "$work/counted/$file" ] || continue
		if grep -q -E "^::(warning|error) file=$file," "$work/judged"; then pass=no; else pass=yes; fi
		if sed -n "/^$file[:#]\{0,1\}/,/^[^ ]/p" "$work/got/plan$phase" | grep -q '^  by hand'; then left=yes; else left=no; fi
		[ $pass$left = yesno ] || [ $pass$left = noyes ] || fail "phase $phase: $file: passes $pass, left by hand $left"
		[ $pass = no ] || reached=$((reached + 1))
	done
	cp -R "$work/run" "$work/once"
	straylight migrate --to="phase$phase" --fix ./*.dhall > "$work/out" 2> "$work/err" || [ $? = 1 ]
	diff -ru "$work/once" "$work/run" || fail "phase $phase: a second --fix changed something"
	echo "$reached of $total packages reach $level by migrate --to=phase$phase --fix ($((reached * 100 / total)) %)"
	[ $((reached * 100)) -ge $((least * total)) ] || fail "fewer than $least %"
}
climb 2 dice-preferred 80
climb 3 dice-required 30
climb 4 pure-dice 30

if [ -n "${STRAYLIGHT_ACCEPT:-}" ]; then
	rm -rf "$want"/findings "$want"/phase? "$want"/plan*
	cp -R "$work/got/." "$want"
fi
diff -ru "$want/findings" "$work/got/findings" || failed=1
for phase in 1 2 3 4; do
	diff -ru "$want/phase$phase" "$work/got/phase$phase" || failed=1
done
for plan in plan plan2 plan3 plan4; do
	diff -u "$want/$plan" "$work/got/$plan" || failed=1
done
exit $failed
