#!/bin/sh
# Type-checks the prelude, its tests (which are assertions) and the examples; and the binary carries
# every file of the prelude.
# usage: prelude.sh SOURCE_DIR CHECK…   where CHECK… reads a Dhall file's path as its last argument
set -u

root=$1
shift
STRAYLIGHT_PRELUDE=$root/prelude/package.dhall
export STRAYLIGHT_PRELUDE
failed=0
n=0

for file in "$root"/prelude/*.dhall "$root"/tests/prelude/*.dhall "$root"/*.dhall \
		$(find "$root/examples" -name '*.dhall' | sort); do
	[ -f "$file" ] || continue
	n=$((n + 1))
	if ! "$@" "$file" >/dev/null; then
		echo "prelude.sh: $file does not check" >&2
		failed=1
	fi
done
for file in "$root"/prelude/*.dhall; do
	if ! grep -q "\"${file##*/}\"" "$root/src/build/prelude.def"; then
		echo "prelude.sh: src/build/prelude.def does not list ${file##*/}" >&2
		failed=1
	fi
done
[ "$n" -ge 20 ] || { echo "prelude.sh: only $n files found below $root" >&2; exit 1; }
exit $failed
