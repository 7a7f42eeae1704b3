#!/bin/sh
# What `straylight convert` makes of expressions where a nixpkgs is at hand:   tests/ladder/evaluated.sh BINARY
# evaluated/nixpkgs is a small one; evaluated/NAME.nix gives evaluated/NAME.out: what is printed, the report, and the exit code.
# By -I and by NIX_PATH it is the same.  STRAYLIGHT_ACCEPT=1 writes it.
set -eu
binary=$(realpath "$1")
corpus=$(dirname "$(realpath "$0")")/evaluated
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
	"$binary" convert -I nixpkgs=nixpkgs "$file" > "$work/text" 2> "$work/report" || code=$?
	{ cat "$work/text"; echo "-- the report --"; sed "s|$work/nix/||g; s|/nix/store/[a-z0-9]\{32\}-|/nix/store/HASH-|g" "$work/report"; echo "-- exit code $code"; } > "$work/now"
	if [ -n "${STRAYLIGHT_ACCEPT:-}" ]; then
		cp "$work/now" "$corpus/$name.out"
	elif ! diff -u "$corpus/$name.out" "$work/now"; then
		failed=$((failed + 1))
	fi
	NIX_PATH=nixpkgs=$work/nix/nixpkgs "$binary" convert "$file" > "$work/again" 2> "$work/report" || true
	cmp "$work/text" "$work/again" || failed=$((failed + 1))
	n=$((n + 1))
done
echo "$n expressions, $failed failed"
[ "$n" -ge 7 ] && [ "$failed" -eq 0 ]
