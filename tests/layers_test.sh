#!/bin/sh
# Does layers.sh see what it is there for?   tests/layers_test.sh C-COMPILER
# A small tree that is right, then one mistake at a time.
set -eu
layers=$(dirname "$(realpath "$0")")/layers.sh
cc=$1
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT

put() { mkdir -p "$tree/$(dirname "$1")"; printf '%s\n' "$2" > "$tree/$1"; }

fresh() {
	rm -rf "$tree/src" "$tree/include"
	put include/straylight/base.h '#include <straylight/base/mem.h>'
	put include/straylight/base/mem.h '#include <stddef.h>'
	put include/straylight/store.h '#include <straylight/base.h>'
	put include/straylight/dice.h '#include <straylight/base/mem.h>'
	put src/base/mem.c '#include <straylight/base/mem.h>'
	put src/base/CMakeLists.txt 'sl_layer(base SOURCES mem.c LINKS sl::uv)'
	put src/store/cas.c '#include "cas_int.h"'
	put src/store/cas_int.h '#include <straylight/store.h>'
	put src/store/CMakeLists.txt 'sl_layer(store SOURCES cas.c LINKS sl_base sl::lmdb)'
	put src/dice/graph.c '#include <straylight/dice.h>'
	put src/dice/key.c '#include <straylight/base.h>'
	put src/dice/CMakeLists.txt 'sl_layer(dice SOURCES graph.c LINKS sl_base)'
	put src/build/join.c '#include <straylight/dice.h>'
}

# caught WHAT TEXT: layers.sh fails now, and says TEXT.
caught() {
	if "$layers" "$tree" "$cc" > "$tree/out" 2>&1; then
		echo "not caught: $1"
		exit 1
	fi
	grep -qF "$2" "$tree/out" || { echo "$1: caught with other words:"; cat "$tree/out"; exit 1; }
	fresh
}

fresh
"$layers" "$tree" "$cc" > "$tree/out" 2>&1 || { echo "the right tree fails:"; cat "$tree/out"; exit 1; }

put src/base/mem.c '#include <straylight/store.h>'
caught 'an include upward' 'src/base/mem.c:1: base may not include <straylight/store.h> of store'
put src/dice/graph.c '#  include <straylight/store.h>'
caught 'an include sideways' 'src/dice/graph.c:1: dice may not include <straylight/store.h> of store'
put include/straylight/store.h '#include <straylight/dice.h>'
caught 'a public header upward' 'include/straylight/store.h:1: store may not include <straylight/dice.h> of dice'
put src/store/cas.c '#include "../base/mem_int.h"'
caught 'another folder' 'is not in the same folder'
put include/straylight/store.h '#include "cas_int.h"'
caught 'a private header in a public one' 'a public header includes'
put src/dice/graph.c '#include <lmdb.h>'
caught 'an outside library' 'dice may not include <lmdb.h>'
put src/dice/CMakeLists.txt 'sl_layer(dice SOURCES graph.c LINKS sl_base sl_store)'
caught 'a link sideways' 'dice may not link store'
put src/dice/CMakeLists.txt 'sl_layer(dice SOURCES graph.c LINKS sl_base sl::lmdb)'
caught 'a library linked' 'dice may not link lmdb'
put src/other/http.c '#include <straylight/base.h>'
caught 'an unknown layer' 'src/other: no layer of the table'
put include/straylight/other.h '#include <stddef.h>'
caught 'an unknown header' 'include/straylight/other.h: belongs to no layer'
put include/straylight/dice.h 'size_t dice;'
caught 'a header that is not whole' 'include/straylight/dice.h: does not compile alone'
echo 'all caught'
