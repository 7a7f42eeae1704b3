#!/bin/sh
# The ladder over a corpus of Dhall packages:   tests/ladder.sh BINARY
# tests/ladder/dhall/in and the packages of tests/golden/lint/dhall/in are judged at every level and migrated to every phase.
#	findings/LEVEL  what lint finds there, a line each
# From phase 3 on tests/ladder/dhall/table.dhall says where the packages are that the corpus takes by name only.
#	planN           what `migrate --to=phaseN --fix` prints
#	phaseN/NAME     the packages after it, where they differ
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
mkdir "$work/bin" "$work/home" "$work/cache" "$work/got" "$work/got/findings"
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
grep -o -H -e '-- .*' -e '{- .* -}' ./*.dhall > "$work/comments"

# Which packages have targets, and whether all of them pass: "FILE yes" or "FILE no".
passes() {
	tr '{' '\n' < "$1" | sed -n -E 's/^"name":"([^":#]*)[^"]*","passes":(true|false).*/\1 \2/p' |
		awk '{ pass[$1] = pass[$1] $2 } END { for (f in pass) print f, pass[f] ~ /false/ ? "no" : "yes" }' | sort
}

# The packages, below the files' names, of which something is left to be done by hand.
by_hand() {
	awk '/^[^ ]/ { file = $0; sub(/[:#].*/, "", file) } /^  by hand/ { print file }' "$1" | sort -u
}

comments_stay() {
	text='' read=''
	while IFS=: read -r file comment; do
		[ "$file" = "$read" ] || { read=$file text=$(cat "$file"); }
		case $text in
		*"$comment"*) ;;
		*) fail "phase $1: $file has lost: $comment" ;;
		esac
	done < "$work/comments"
}

# climb PHASE LEVEL LEAST [OPTION]: each from what it was.  All files at once: their types, and which pass, are what lint says.
climb() {
	phase=$1 level=$2 least=$3
	shift 3
	rm -rf "$work/run" "$work/once"
	cp -R "$work/before" "$work/run"
	cd "$work/run"
	mkdir "$work/got/phase$phase"
	straylight migrate --to="phase$phase" "$@" --fix ./*.dhall > "$work/out" 2> "$work/err" || [ $? = 1 ]
	sed "s|$work/run/||g" "$work/out" > "$work/got/plan$phase"
	cat "$work/err"
	straylight lint --level="$level" --format=json ./*.dhall > "$work/judged" 2> "$work/err" || [ $? = 1 ]
	[ ! -s "$work/err" ] || { cat "$work/err"; fail "phase $phase: a file cannot be judged"; }
	for file in *.dhall; do
		cmp -s "$file" "$work/before/$file" || cp "$file" "$work/got/phase$phase"
	done
	comments_stay "$phase"
	passes "$work/judged" > "$work/passes"
	by_hand "$work/got/plan$phase" > "$work/left"
	total=0 reached=0
	while read -r file pass; do
		if grep -q -x -F "$file" "$work/left"; then left=yes; else left=no; fi
		[ $pass$left = yesno ] || [ $pass$left = noyes ] || fail "phase $phase: $file: passes $pass, left by hand $left"
		[ $pass = no ] || reached=$((reached + 1))
		total=$((total + 1))
	done < "$work/passes"
	cp -R "$work/run" "$work/once"
	straylight migrate --to="phase$phase" "$@" --fix ./*.dhall > "$work/out" 2> "$work/err" || [ $? = 1 ]
	diff -ru "$work/once" "$work/run" || fail "phase $phase: a second --fix changed something"
	echo "$reached of $total packages reach $level by migrate --to=phase$phase --fix ($((reached * 100 / total)) %)"
	[ $((reached * 100)) -ge $((least * total)) ] || fail "fewer than $least %"
	[ "$total" -ge 60 ] || fail "fewer than 60 packages"
}
climb 1 constrained 80
climb 2 dice-preferred 80
climb 3 dice-required 60 --table="$want/table.dhall"
climb 4 pure-dice 60 --table="$want/table.dhall"

if [ -n "${STRAYLIGHT_ACCEPT:-}" ]; then
	rm -rf "$want"/findings "$want"/phase? "$want"/plan*
	cp -R "$work/got/." "$want"
fi
diff -ru "$want/findings" "$work/got/findings" || failed=1
for phase in 1 2 3 4; do
	diff -ru "$want/phase$phase" "$work/got/phase$phase" || failed=1
done
for plan in plan1 plan2 plan3 plan4; do
	diff -u "$want/$plan" "$work/got/$plan" || failed=1
done
exit $failed
