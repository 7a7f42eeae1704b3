#!/bin/sh
# What `straylight convert` makes of the Nix expressions of the corpus:   tests/ladder/convert.sh BINARY
# nix/NAME.nix gives nix/NAME.out: what is printed, the report, and the exit code.  STRAYLIGHT_ACCEPT=1 writes it.
set -eu
binary=$(realpath "$1")
corpus=$(dirname "$(realpath "$0")")/nix
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp -R "$corpus" "$work/nix"
cd "$work/nix"
unset NIX_PATH STRAYLIGHT_PRELUDE
export XDG_CACHE_HOME="$work/cache" HOME="$work"
n=0
failed=0
for file in *.nix; do
	name=${file%.nix}
	code=0
	"$binary" convert "$file" > "$work/text" 2> "$work/report" || code=$?
	{ cat "$work/text"; echo "-- the report --"; sed "s|$work/nix/||g" "$work/report"; echo "-- exit code $code"; } > "$work/now"
	if [ -n "${STRAYLIGHT_ACCEPT:-}" ]; then
		cp "$work/now" "$corpus/$name.out"
	elif ! diff -u "$corpus/$name.out" "$work/now"; then
		failed=$((failed + 1))
	fi
	case $code in
	0 | 1) ;;
	*) echo "$name: exit code $code"; failed=$((failed + 1)) ;;
	esac
	# What is written type-checks, and is laid out.
	if [ -s "$work/text" ]; then
		"$binary" dhall type --quiet - < "$work/text" || { echo "$name: does not type-check"; failed=$((failed + 1)); }
		"$binary" dhall format --check - < "$work/text" > /dev/null || { echo "$name: is not laid out"; failed=$((failed + 1)); }
	fi
	n=$((n + 1))
done
echo "$n expressions, $failed failed"
[ "$n" -gt 50 ] && [ "$failed" -eq 0 ]
