#!/bin/sh
# The first derivations of nixpkgs 14.04: the six programs of its bootstrap that lie in its tree, and what they do.
#   tests/nix/bootstrap.sh BINARY
# STRAYLIGHT_NIXPKGS is a checkout of that release; Nix (Debian's nix-bin) is the oracle.  Exits with 77, which ctest shows as
# skipped, where one of them is not there.
set -eu
binary=$(realpath "$1")
[ -n "${STRAYLIGHT_NIXPKGS:-}" ] || { echo "skipped: STRAYLIGHT_NIXPKGS is not set"; exit 77; }
tools=$(realpath "$STRAYLIGHT_NIXPKGS")/pkgs/stdenv/linux/bootstrap/i686
[ -e "$tools/curl.bz2" ] || { echo "skipped: $STRAYLIGHT_NIXPKGS has no bootstrap programs in its tree, as 14.04 has"; exit 77; }
set -- "$binary"
. "$(dirname "$0")/../e2e/lib.sh"
. "$tests/../e2e/drv-lib.sh"

names='sh bzip2 mkdir cpio ln curl'
oracle /bin/sh=/bin/busybox "$tools"
export NIX_PATH="bootstrap=$tools"
# shellcheck disable=SC2086
"$straylight" drv build $(printf 'bootstrap#%s ' $names) > ours 2> err || fail "drv build: $(cat err)"
grep -q '^6 fetched, ' err || fail "six files are fetched: $(cat err)"
# shellcheck disable=SC2046,SC2086
"$straylight" drv build --json $(printf 'bootstrap#%s ' $names) > json
# shellcheck disable=SC2046,SC2086
nix-build '<bootstrap>' $(printf ' -A %s' $names) --no-out-link > theirs 2> err || skip "Nix cannot build here: $(tail -n 1 err)"
made < json > made
as_nix 'the bootstrap' made
same 'the outputs' "$(sort theirs)" "$(cut -d ' ' -f 1 made)"

# What they are for: shell, mkdir, ln and bzip2 unpack curl, with nothing else in sight.
cat > unpacked.nix << 'END'
with import <bootstrap>;
derivation {
  name = "unpacked";
  system = "i686-linux";
  builder = sh;
  args = [ "-c" "$mkdir $out $out/bin && $bzip2 -d < $curl > $out/bin/curl && $ln -s curl $out/bin/get" ];
  inherit mkdir ln bzip2 curl;
}
END
nix-build unpacked.nix --no-out-link > theirs 2> err || { echo 'the six are as Nix has them; this kernel runs no programs of i686'; exit 0; }
"$straylight" drv build --json ./unpacked.nix# > json 2> err || fail "drv build: $(cat err)"
made < json > made
as_nix 'what they unpacked' made
same 'its path' "$(cat theirs)" "$(cut -d ' ' -f 1 made)"
echo 'the six programs, and what they unpack, are as Nix has them'
