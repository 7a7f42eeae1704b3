#!/bin/sh
# Every package of a nixpkgs has the derivation path that Nix gives it:   tests/nix/nixpkgs.sh BINARY
# STRAYLIGHT_NIXPKGS is a checkout of any release; Nix (Debian's nix-bin) is the oracle.  Exits with 77, which ctest
# shows as skipped, where one of them is not there.
set -eu
binary=$(realpath "$1")
[ -n "${STRAYLIGHT_NIXPKGS:-}" ] || { echo "skipped: STRAYLIGHT_NIXPKGS is not set"; exit 77; }
command -v nix-env > /dev/null || { echo "skipped: there is no nix-env"; exit 77; }
tree=$(realpath "$STRAYLIGHT_NIXPKGS")
work=$(mktemp -d)
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
mkdir "$work/conf"
export NIX_STATE_DIR="$work/state" NIX_LOG_DIR="$work/log" NIX_CONF_DIR="$work/conf" HOME="$work"
ulimit -s 1000000 2> /dev/null || ulimit -s unlimited 2> /dev/null || true

nix-env -f "$tree" -qaP --drv-path --no-name 2> "$work/nix.err" | awk '{ print $1, $2 }' | sort > "$work/nix" ||
	{ tail -n 5 "$work/nix.err"; exit 1; }
"$binary" nix instantiate --readonly-mode --all "$tree" 2> "$work/our.err" | sed 's/!.*//' | sort > "$work/ours" || true
# What fails is passed over on both sides; nix-env shows no package that this platform does not support, so ours may
# have more.
sort -k 1,1 "$work/nix" > "$work/nix.by"
sort -k 1,1 "$work/ours" > "$work/ours.by"
join "$work/nix.by" "$work/ours.by" > "$work/both"
same=$(awk '$2 == $3' "$work/both" | wc -l)
total=$(wc -l < "$work/nix")
awk '$2 != $3 { print "differs: " $0 }' "$work/both" | head -n 20
join -v 1 "$work/nix.by" "$work/ours.by" | sed 's/^/missing: /' | head -n 20
echo "$same of $total packages have the same derivation path"
[ "$total" -gt 1000 ] && [ "$same" -eq "$total" ]
