#!/bin/sh
# The chain of the corpus: eight derivations that compile zlib and Lua and run what they built, as Nix builds them.
#   drv-chain.sh BINARY [COMMAND…]
# The command starts a Remote Execution server, and runs what it gets as further arguments with STRAYLIGHT_TEST_RE set;
# then the builders run there.  Needs Nix, the corpus, and sources of Debian (STRAYLIGHT_CHAIN_INPUT: a folder that has them).
binary=$1
shift
if [ $# -gt 0 ]; then
	exec "$@" "$0" "$binary"
fi
corpus=$(realpath -m "${STRAYLIGHT_CORPUS:-$(dirname "$0")/../../../shared/corpus}")/nix/chain
set -- "$binary"
. "$(dirname "$0")/lib.sh"
. "$tests/drv-lib.sh"
[ -e "$corpus/chain.nix" ] || skip "there is no $corpus"
command -v gcc > /dev/null && command -v make > /dev/null || skip "there is no compiler"

# input NAME PACKAGE FILE: an archive that a Debian source package brings.
input() {
	if [ -n "${STRAYLIGHT_CHAIN_INPUT:-}" ]; then
		cp "$STRAYLIGHT_CHAIN_INPUT/$1" "chain/input/$1" || skip "there is no $1 in $STRAYLIGHT_CHAIN_INPUT"
		return
	fi
	bash -c '. "$1/../../scripts/packages.sh"; sl_source "$2" "$3"' - "$tests" "$2" "$work/sources" > /dev/null 2>&1 || true
	[ -e "sources/$3" ] || skip "apt has no source package $2"
	cp "sources/$3" "chain/input/$1"
}

mkdir -p chain/input
input lua-5.4.4.tar.gz lua5.4 lua5.4_5.4.4.orig.tar.gz
input zlib-1.2.13.tar.bz2 zlib zlib_1.2.13.dfsg.orig.tar.bz2
cp "$corpus/input/gen.lua" chain/input/
sed "s|file:///chain|file://$work/chain|" "$corpus/chain.nix" > chain/chain.nix

oracle /bin /usr /lib /lib64 "$work/chain"
instantiate chain/chain.nix
nix-build chain/chain.nix --no-out-link > paths 2> err || skip "Nix cannot build here: $(tail -n 1 err)"
cd drvs
remote=
[ -z "${STRAYLIGHT_TEST_RE:-}" ] || remote="--remote=$STRAYLIGHT_TEST_RE --require-remote"
# shellcheck disable=SC2046,SC2086
"$straylight" drv build --json $remote --host-path=/usr,/bin,/lib,/lib64 $(cat ../names) > ../json 2> ../err || fail "drv build: $(cat ../err)"
made < ../json > ../made
as_nix "the chain" ../made
same "the outputs" 10 "$(wc -l < ../made | tr -d ' ')"
# Without the server: all of it is here.
# shellcheck disable=SC2046
"$straylight" drv build --host-path=/usr,/bin,/lib,/lib64 $(cat ../names) > ../again 2> ../err
grep -q '^nothing to do' ../err || fail "a second run did something: $(cat ../err)"
echo "10 outputs as Nix has them${remote:+, made at $STRAYLIGHT_TEST_RE}"
