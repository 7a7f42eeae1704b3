#!/bin/sh
# Keeps docs/errors/ equal to diag.def:   tests/errors.sh SOURCE-DIRECTORY BLOCK…
# Every page has the number and the summary of its row as its title; every row of the blocks given
# (E00, E01, …) has a page.  Every row has a case: one of Dhall's a folder of its number in
# tests/golden/errors/ that prints it, any other one a golden case or a unit test.
set -eu
cd "$1"
shift
rows=$(sed -n 's|^D([A-Z0-9_]*, "\(E[0-9]*\)", [A-Z_]*, "\(.*\)")$|# \1: \2|p' include/straylight/base/diag.def)
numbers=$(sed -n 's|^D(\([A-Z0-9_]*\), "\(E[0-9]*\)".*|\2 \1|p' include/straylight/base/diag.def)
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

# Codes without any test, each with what keeps one away; a code that has one may not stand here.
untested="
E0207 a guard: a term is resolved before it is checked, as the types of the phases say
E0806 only a machine that refuses namespaces says it
E0902 only a machine without a compiler
E0904 only a machine whose compiler is not whole
E0905 only a machine that lacks a library of a program that it has
"

in_golden() { grep -rqsE "\[$1\]|\"code\":\"$1\"" "tests/golden/$2" --include=out --include=err; }
in_e2e() { grep -qsE "(says |\\[|^  )$1" tests/e2e/*.sh; }
in_unit() { grep -rqsw "DIAG_$1" tests/unit; }
listed() { printf '%s' "$2" | grep -q "^$1 "; }

cases=0
while read -r number name; do
	has=no
	case $number in
	E10* | E11*) # of a remote, and of Nix: what the end-to-end tests look for, too
		if in_golden "$number" "" || in_e2e "$number" || in_unit "$name"; then has=yes; fi ;;
	E01* | E02* | E03* | E04* | E13*)
		if in_golden "$number" "errors/$number"; then has=yes; fi ;;
	*) if in_golden "$number" "" || in_unit "$name"; then has=yes; fi ;;
	esac
	case $has in
	yes) cases=$((cases + 1))
		if listed "$number" "$untested"; then echo "$number: has a test, and is listed as one without"; failed=1; fi ;;
	no) listed "$number" "$untested" || { echo "$number $name: no golden case prints it, no unit test names it"; failed=1; } ;;
	esac
done << EOF
$numbers
EOF
echo "$pages pages, $cases codes with a case"
[ "$pages" -gt 0 ] && exit $failed
