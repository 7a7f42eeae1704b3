#!/bin/sh
# Keeps docs/errors/ equal to diag.def:   tests/errors.sh SOURCE-DIRECTORY BLOCK…
# Every page has the number and the summary of its row as its title; every row of the blocks given
# (E00, E01, …) has a page.
set -eu
cd "$1"
shift
rows=$(sed -n 's|^D([A-Z0-9_]*, "\(E[0-9]*\)", [A-Z_]*, "\(.*\)")$|# \1: \2|p' include/straylight/base/diag.def)
failed=0
pages=0

for page in docs/errors/*.md; do
	title=$(head -n 1 "$page")
	case "$title" in
	"# $(basename "$page" .md): "*) ;;
	*) echo "$page: the title is '$title'"; failed=1 ;;
	esac
	printf '%s\n' "$rows" | grep -qxF -- "$title" || { echo "$page: diag.def has no row '$title'"; failed=1; }
	grep -qi 'what to do' "$page" || { echo "$page: does not say what to do"; failed=1; }
	pages=$((pages + 1))
done

for block; do
	for number in $(printf '%s\n' "$rows" | sed -n "s|^# \($block[0-9]*\): .*|\1|p"); do
		[ -f "docs/errors/$number.md" ] || { echo "docs/errors/$number.md is missing"; failed=1; }
	done
done
echo "$pages pages"
[ "$pages" -gt 0 ] && exit $failed
