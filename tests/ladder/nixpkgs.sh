#!/bin/sh
# How much of nixpkgs converts:   tests/ladder/nixpkgs.sh BINARY [EVERY]
# STRAYLIGHT_NIXPKGS is a checkout; of its files that are a package with stdenv.mkDerivation and no builder of their own,
# every EVERYth (default 1) is converted.  What is written was type-checked; exit code 1 without a text and without a report,
# a text that still names a symbol, or any other code is a failure.  At least 60 of 100 must give a text.  With
# STRAYLIGHT_EVALUATED=1 they are evaluated with that nixpkgs, and not with symbols.
set -eu
binary=$(realpath "$1")
every=${2:-1}
[ -n "${STRAYLIGHT_NIXPKGS:-}" ] || { echo "skipped: STRAYLIGHT_NIXPKGS is not set"; exit 77; }
cd "$STRAYLIGHT_NIXPKGS"
nixpkgs=${STRAYLIGHT_EVALUATED:+-I nixpkgs=$PWD}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
unset NIX_PATH STRAYLIGHT_PRELUDE
export XDG_CACHE_HOME="$work/cache" HOME="$work"
grep -rlE 'stdenv\.mkDerivation' pkgs --include=*.nix | xargs grep -LE '^ *builder *=' | sort | awk -v n="$every" 'NR % n == 0' > "$work/files"
total=0
text=0
whole=0
bad=0
while read -r file; do
	total=$((total + 1))
	code=0
	timeout 60 "$binary" convert $nixpkgs "$file" > "$work/out" 2> "$work/err" || code=$?
	case $code in
	0) whole=$((whole + 1)) ;;
	1) grep -qE '^(error|warning)' "$work/err" || { echo "silent: $file"; bad=$((bad + 1)); } ;;
	*) echo "exit code $code: $file"; bad=$((bad + 1)) ;;
	esac
	if [ -s "$work/out" ]; then text=$((text + 1)); elif [ -n "${STRAYLIGHT_VERBOSE:-}" ]; then echo "no text: $file: $(grep -m1 -E '^(error|warning)' "$work/err")"; fi
	if grep -q '/symbolic/' "$work/out"; then echo "names a symbol: $file"; bad=$((bad + 1)); fi
done < "$work/files"
echo "$text of $total packages convert to a file that type-checks, $whole of them whole, $bad wrongly"
[ "$total" -gt 20 ] && [ "$bad" -eq 0 ] && [ $((text * 100)) -ge $((total * 60)) ]
