#!/bin/sh
# Builds what the corpus converts to:   tests/ladder/build.sh BINARY
# Each expression that converts is a package of one workspace, with its sources; at least 60 of 100 must build.  Exits
# with 77, which ctest shows as skipped, where there is no cmake, meson or ninja.
set -eu
binary=$(realpath "$1")
corpus=$(dirname "$(realpath "$0")")/nix
for program in cmake meson ninja make cc; do
	command -v "$program" > /dev/null || { echo "skipped: there is no $program"; exit 77; }
done
work=$(mktemp -d)
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
unset NIX_PATH STRAYLIGHT_PRELUDE
export XDG_CACHE_HOME="$work/cache" HOME="$work"
mkdir "$work/space"
cd "$work/space"
# What only packages of a language need, where the machine has it.
optional=
[ ! -x /usr/bin/cargo ] || optional="        # S.Workspace.cargo
"
[ ! -x /usr/bin/ghc ] || optional="$optional        # toMap { ghc = S.Toolchain.hostGHC { packages = [ \"libgmp-dev\", \"libffi-dev\" ] } }
"
cat > straylight.dhall << END
let S = env:STRAYLIGHT_PRELUDE

in  S.Workspace::{
    , toolchains =
          toMap
            { cxx = S.Toolchain.hostCxx { packages = [ "zlib1g-dev" ] }
            , userland = S.Toolchain.hostUserland { programs = S.Workspace.userland }
            }
        # S.Workspace.foreign
        # S.Workspace.cmake
        # S.Workspace.meson
        # S.Workspace.autoreconf
        # S.Workspace.python
$optional    }
END
total=0
built=0
for file in "$corpus"/*.nix; do
	name=$(basename "$file" .nix)
	case $name in bad-*) continue ;; esac
	total=$((total + 1))
	mkdir "$name"
	cp -R "$corpus/sources" "$corpus"/*.nix "$name"
	"$binary" convert -q "$name/$name.nix" -o "$name/BUILD.dhall" > "$work/log" 2>&1 || { echo "$name: not converted whole"; rm -rf "$name"; continue; }
	[ -f "$name/BUILD.dhall" ] || continue
	if "$binary" build -q "//$name:all" > "$work/log" 2>&1; then
		built=$((built + 1))
	else
		echo "$name: does not build"
		[ -z "${STRAYLIGHT_VERBOSE:-}" ] || sed "s/^/$name: /" "$work/log"
	fi
done
echo "$built of $total expressions convert whole and build"
[ "$total" -gt 50 ] && [ $((built * 100)) -ge $((total * 60)) ]
