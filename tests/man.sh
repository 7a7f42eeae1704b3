#!/bin/sh
# Keeps docs/man/ equal to what the program says of its commands:   tests/man.sh BINARY SOURCE-DIRECTORY
# STRAYLIGHT_ACCEPT=1 writes the pages anew.
set -eu
binary=$(realpath "$1")
cd "$2"
now=$(mktemp -d)
trap 'rm -rf "$now"' EXIT

"$binary" help --format=markdown > "$now/straylight.md"
"$binary" help | sed -n 's/^  \([a-z][a-z -]*[a-z]\)  .*/\1/p' > "$now/commands"
while read -r command; do
	page=straylight-$(echo "$command" | tr ' ' -)
	# shellcheck disable=SC2086
	"$binary" help --format=markdown $command > "$now/$page.md"
	# shellcheck disable=SC2086
	"$binary" help --format=man $command > "$now/$page.1"
	if command -v groff > /dev/null; then
		problems=$(groff -man -Tutf8 -K utf8 -ww "$now/$page.1" 2>&1 > /dev/null)
		[ -z "$problems" ] || { echo "$page: $problems"; exit 1; }
	fi
done < "$now/commands"
count=$(wc -l < "$now/commands")
rm -f "$now/commands" "$now"/*.1
if [ -n "${STRAYLIGHT_ACCEPT:-}" ]; then
	rm -rf docs/man
	mkdir docs/man
	cp "$now"/*.md docs/man
fi
diff -ru docs/man "$now" || { echo 'run tests/man.sh with STRAYLIGHT_ACCEPT=1'; exit 1; }
echo "$count commands, each with its page"
[ "$count" -gt 10 ]
