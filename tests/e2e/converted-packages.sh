#!/bin/bash
# Real packages as Nix expressions, converted, built, and their own test suites run.
#   converted-packages.sh BINARY [FOLDER]
# The sources are the upstream archives of Debian's source packages; apt brings them, or they are in FOLDER.
folder=$([ -z "${2:-}" ] || realpath "$2")
. "$(dirname "$0")/lib.sh"
. "$tests/../../scripts/packages.sh"
packages="bzip2 cjson libonig libpng1.6 lua5.4 zlib"
for program in apt-get cmake ninja autoreconf make patch pkg-config perl; do
	command -v $program > /dev/null || { echo "skipped: there is no $program"; exit 77; }
done
if [ -z "$folder" ]; then
	folder=$work/archives
	# shellcheck disable=SC2086
	sl_apt_source "$folder" --download-only $packages || true
fi
unset NIX_PATH
cp -R "$tests/converted-packages" one
cp "$tests/foreign-packages/straylight.dhall" one
cd one
{
	echo '{'
	for package in $packages; do
		archive=$(find "$folder" -name "${package}_*.orig.tar.*" ! -name '*.asc' | head -n 1)
		[ -n "$archive" ] || { echo "skipped: apt does not bring the source of $package" >&2; exit 77; }
		echo "  \"$package\" = { url = \"file://$archive\"; sha256 = \"$(sha256sum "$archive" | cut -d ' ' -f 1)\"; };"
	done
	echo '}'
} > archives.nix

"$straylight" convert . -o BUILD.dhall > ../out 2>&1 || fail "something is left out: $(cat ../out)"
same "what is done in another way" 1 "$(grep -c 'E1277' ../out)"
"$straylight" test //... > ../out 2>&1 || fail "the test suites: $(tail -n 100 ../out)"
grep '^pass' ../out
same "suites that pass" 6 "$(grep -c '^pass' ../out)"
"$straylight" build -q //... > /dev/null
same "Lua says" 42 "$(straylight-out/lua/lua/bin/lua -e 'print(6 * 7)')"
[ -f straylight-out/libpng/libpng/lib/libpng16.a ] || fail "there is no libpng"
