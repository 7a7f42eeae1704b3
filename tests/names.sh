#!/bin/sh
# No two layers define one name: they are linked into one program.   names.sh ARCHIVE…
set -eu
twice=$(for archive; do
	nm --defined-only --extern-only "$archive" 2> /dev/null | awk -v layer="$(basename "$archive" .a)" '$2 ~ /[TDBRC]/ { print $3, layer }'
done | sort -u | awk '{ layers[$1] = layers[$1] " " $2; n[$1]++ } END { for (name in n) if (n[name] > 1) print name " in" layers[name] }')
[ -z "$twice" ] || { echo "$twice"; exit 1; }
echo "every name is of one layer"
