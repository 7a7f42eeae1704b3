#!/bin/sh
# Derivations that are written in Dhall have the paths that Nix gives to what `dhall to-nix` writes of them:
#	tests/nix/derivation.sh BINARY
# With the smallest of all nixpkgs (stdenv/), and, where STRAYLIGHT_NIXPKGS is a checkout, with that one too.  Exits with
# 77, which ctest shows as skipped, where there is no Nix.
set -eu
binary=$(realpath "$1")
here=$(dirname "$(realpath "$0")")
command -v nix-instantiate > /dev/null || { echo 'skipped: nix-instantiate is not installed (Debian: nix-bin)'; exit 77; }
work=$(mktemp -d)
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
mkdir "$work/conf"
export NIX_STATE_DIR="$work/state" NIX_LOG_DIR="$work/log" NIX_CONF_DIR="$work/conf" HOME="$work" XDG_CACHE_HOME="$work/cache"
export NIX_CONFIG="extra-experimental-features = impure-derivations ca-derivations"
unset NIX_PATH STRAYLIGHT_PRELUDE || true
checks=0

cp -R "$here/../golden/cli/dhall-to-nix-derivation/in" "$work/in"
cp "$here"/derivation/*.dhall "$work/in"
cd "$work/in"
"$binary" init -q --vendor-prelude . > "$work/init"
mkdir -p src ../sibling
touch fix.patch 'a b.txt'

# How Nix is to call what was written, by its first words.  Old nixpkgs take no overlays.
call() {
	case $(head -n 1 "$1") in
	"final: prev: {")
		echo "let o = import ./$1; n = import <nixpkgs>; in builtins.intersectAttrs (o { } { }) (n"
		echo "(if builtins.functionArgs n ? overlays then { overlays = [ o ]; } else { config.packageOverrides = p: o p p; }))"
		;;
	"{"*) echo "(import <nixpkgs> { }).callPackage (import ./$1) { }" ;;
	*) echo "import ./$1" ;;
	esac
}

# same NIXPKGS FILE: the same paths, and the same bytes at each.
same() {
	"$binary" dhall to-nix "$2" > out.nix
	nix-instantiate --store "$work/root" -I "nixpkgs=$1" -E "$(call out.nix)" 2> "$work/err" | sort > "$work/theirs" || true
	[ -s "$work/theirs" ] || { cat "$work/err"; echo "Nix refuses $2"; exit 1; }
	"$binary" nix instantiate --store="$work/store" -I "nixpkgs=$1" "$2" | sort > "$work/ours"
	cmp "$work/theirs" "$work/ours" || { diff "$work/theirs" "$work/ours"; echo "differs: $2 with $1"; exit 1; }
	while read -r drv; do
		drv=${drv%%!*}
		cmp "$work/root$drv" "$work/store/${drv#/nix/store/}" || exit 1
		checks=$((checks + 1))
	done < "$work/ours"
}

for file in hello attributes texts functions constrained script raw overlay plain-overlay; do
	same "$here/stdenv" "$file.dhall"
done
for file in "$here"/derivation/*.dhall; do
	same "$here/stdenv" "$(basename "$file")"
done
if [ -n "${STRAYLIGHT_NIXPKGS:-}" ]; then
	for file in hello texts script overlay plain-overlay; do
		same "$(realpath "$STRAYLIGHT_NIXPKGS")" "$file.dhall"
	done
fi
echo "$checks derivations are those of Nix"
