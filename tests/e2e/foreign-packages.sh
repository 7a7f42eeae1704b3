#!/bin/bash
# Real packages from their sources, with their own test suites, twice, and with the same bytes.
#   foreign-packages.sh BINARY [FOLDER]
# The sources are the upstream archives of Debian's source packages; apt brings them, or they are in FOLDER.
folder=$([ -z "${2:-}" ] || realpath "$2")
. "$(dirname "$0")/lib.sh"
. "$tests/../../scripts/packages.sh"
packages="bzip2 cjson expat fribidi libonig libpng1.6 lua5.4 zlib"
for program in apt-get cmake ninja meson autoreconf make patch pkg-config perl; do
	command -v $program > /dev/null || { echo "skipped: there is no $program"; exit 77; }
done
if [ -z "$folder" ]; then
	folder=$work/archives
	# shellcheck disable=SC2086
	sl_apt_source "$folder" --download-only $packages || true
fi

cp -R "$tests/foreign-packages" one
cd one
comma='{'
{
	for package in $packages; do
		archive=$(find "$folder" -name "${package}_*.orig.tar.*" ! -name '*.asc' | head -n 1)
		[ -n "$archive" ] || { echo "skipped: apt does not bring the source of $package" >&2; exit 77; }
		echo "$comma \`$package\` = { url = \"file://$archive\", sha256 = \"$(sha256sum "$archive" | cut -d ' ' -f 1)\" }"
		comma=,
	done
	echo '}'
} > archives.dhall

"$straylight" test //... > ../out 2>&1 || fail "the test suites: $(tail -n 100 ../out)"
grep '^pass' ../out
same "suites that pass" 8 "$(grep -c '^pass' ../out)"
"$straylight" build -q //... > /dev/null
outputs . > ../first
same "Lua says" 42 "$(straylight-out/lua/lua/bin/lua -e 'print(6 * 7)')"
same "a program with libpng says" "1.6.39 1.2.13" "$(straylight-out/versions/versions)"

mkdir ../two
cp ./*.dhall versions.c ../two/
cd ../two
XDG_CACHE_HOME=$work/second "$straylight" build -q //... > /dev/null || fail "the second build"
outputs . > ../again
cmp ../first ../again || fail "the second build gives other bytes: $(diff ../first ../again)"
echo "$(wc -l < ../first) files are the same in a second build"
