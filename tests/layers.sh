#!/bin/sh
# Keeps the order of the layers:   tests/layers.sh SOURCE-DIRECTORY C-COMPILER
# Reads every #include of src/ and include/straylight/, every sl_ and sl:: name of src/*/CMakeLists.txt,
# and compiles every public header alone.  (That each layer links without those above it is the test
# layers/link: see cmake/Layers.cmake.)
set -eu
cd "$1"
cc=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# layer | its headers in include/straylight/ | layers it may use | outside libraries it may name
cat > "$work/table" <<'TABLE'
base  | base          |                                | blake3 crypto uv
store | store wire nar | base                          | lmdb
dice  | dice          | base                           | uv
dhall | dhall dhall_ide dhall_marks dhall_site data | base store                     | gmp yaml
nix   | nix nix_marks drv storepath nixhash nixkey narinfo | base store | crypto sodium
net   | net grpc      | base store                     | curl nghttp2 ssl crypto z uv
re    | re            | base store net                 | uv zstd proto
build | build sandbox doors prelude closure nixstore instantiate fetch substitute hostpath lint migrate convert derivation trace valid drvbuild wrap | base store dice dhall nix net re | uv lmdb jansson archive
cmd   | cmd           | base store dice dhall nix net re build | uv jansson
TABLE

# First the layers and headers that the table does not know, then each use that it does not allow.
{
	ls -d src/*/ | sed 's|^src/\(.*\)/$|layer \1|'
	ls include/straylight | sed 's|\.h$||; s|^|header |' | sort -u
	grep -rn '^[ 	]*#[ 	]*include' src include/straylight --include='*.[chS]' --include='*.def' |
		sed 's|^\([^:]*:[0-9]*\):[^<"]*\([<"][^>"]*\).*|use \1 \2|'
	grep -n -o -E '\bsl(_|::)[a-z0-9]+' src/*/CMakeLists.txt |
		sed 's|^\([^:]*:[0-9]*\):\(.*\)|link \1 \2|'
} > "$work/facts"

awk -v facts="$work/facts" '
function has(list, word) { return index(" " list " ", " " word " ") > 0 }
function library(header) {
	if (header == "uv.h") return "uv"
	if (header == "gmp.h") return "gmp"
	if (header == "yaml.h") return "yaml"
	if (header ~ /^curl\//) return "curl"
	if (header ~ /^archive(_entry)?\.h$/) return "archive"
	if (header == "lmdb.h") return "lmdb"
	if (header == "jansson.h") return "jansson"
	if (header == "openssl/ssl.h") return "ssl"
	if (header ~ /^nghttp2\//) return "nghttp2"
	if (header == "zlib.h") return "z"
	if (header == "zstd.h") return "zstd"
	if (header ~ /^openssl\//) return "crypto"
	if (header == "sodium.h" || header ~ /^sodium\//) return "sodium"
	if (header ~ /^blake3/) return "blake3"
	if (header ~ /\.pb-c\.h$/ || header ~ /^protobuf-c\//) return "proto"
	return ""
}
function bad(text) { print text; failed = 1 }
function layer_of(path, part) {
	split(path, part, "/")
	if (part[1] == "src") return part[2]
	sub(/\.(h|def):.*/, "", part[3])
	return owner[part[3]]
}
function use(place, text, layer, kind, name, part) {
	layer = layer_of(place)
	kind = substr(text, 1, 1)
	name = substr(text, 2)
	if (kind == "\"") {
		if (place !~ /^src\//) bad(place ": a public header includes \"" name "\"")
		else if (name ~ /\//) bad(place ": \"" name "\" is not in the same folder")
	} else if (name ~ /^straylight\//) {
		split(name, part, "/")
		sub(/\.h$/, "", part[2])
		if (owner[part[2]] == "") bad(place ": <" name "> belongs to no layer")
		else if (owner[part[2]] != layer && !has(uses[layer], owner[part[2]]))
			bad(place ": " layer " may not include <" name "> of " owner[part[2]])
	} else if (library(name) != "" && !has(libraries[layer], library(name))) {
		bad(place ": " layer " may not include <" name ">")
	}
}
function link_name(place, name, layer) {
	layer = layer_of(place)
	if (name ~ /^sl_(layer|test|fuzz|conformance|warnings)$/) return
	if (name ~ /^sl::/) { sub(/^sl::/, "", name); if (has(libraries[layer], name)) return }
	else { sub(/^sl_/, "", name); if (name == layer || has(uses[layer] " " libraries[layer], name)) return }
	bad(place ": " layer " may not link " name)
}
BEGIN { FS = "[ ]*[|][ ]*" }
{
	sub(/ +$/, "")
	known[$1] = 1; uses[$1] = $3; libraries[$1] = $4
	n = split($2, names, " ")
	for (i = 1; i <= n; i++) owner[names[i]] = $1
}
END {
	FS = " "
	while ((getline line < facts) > 0) {
		split(line, f, " ")
		total[f[1]]++
		if (f[1] == "layer" && !known[f[2]]) bad("src/" f[2] ": no layer of the table")
		if (f[1] == "header" && owner[f[2]] == "") bad("include/straylight/" f[2] ".h: belongs to no layer")
		if (f[1] == "use") use(f[2], f[3])
		if (f[1] == "link") link_name(f[2], f[3])
	}
	if (total["use"] < 5 || total["header"] < 2) bad("read almost nothing: is this the source directory?")
	printf "%d includes, %d links\n", total["use"], total["link"]
	exit failed
}' "$work/table"

alone=0
for header in include/straylight/*.h include/straylight/*/*.h; do
	echo "#include <${header#include/}>" > "$work/alone.c"
	"$cc" -std=c17 -D_GNU_SOURCE -Wall -Wextra -Wpedantic -Werror -Iinclude -fsyntax-only "$work/alone.c" ||
		{ echo "$header: does not compile alone"; exit 1; }
	alone=$((alone + 1))
done
echo "$alone headers alone"
