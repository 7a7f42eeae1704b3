#!/bin/bash
# completions.sh BINARY: what the shells complete.  bash is asked as a person would ask it; zsh and fish, where they
# are installed, only read their scripts.
set -u
straylight=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0
"$straylight" completions bash > "$work/bash" || exit 1
. "$work/bash"

# completes WANTED WORD… : what the last word becomes
completes() {
	wanted=$1
	shift
	COMP_WORDS=(straylight "$@")
	COMP_CWORD=$#
	COMPREPLY=()
	_straylight
	[ "${COMPREPLY[*]}" = "$wanted" ] || { echo "'$*': '${COMPREPLY[*]}', not '$wanted'"; failed=1; }
}

completes "build" bu
completes "dhall drv doctor" d
completes "eval encode" dhall e
completes "show diff" trace ""
completes "--dry-run" build --dr
completes "--no-check" dhall eval //x --no-c
completes "--color" version --col
completes "always" build --color = al
completes "auto always never" build --color =
completes "" build //lib
completes "" nothing --x
for shell in zsh fish; do
	"$straylight" completions $shell > "$work/$shell" || failed=1
	if command -v $shell > /dev/null; then
		$shell -n "$work/$shell" || { echo "$shell does not read its script"; failed=1; }
	else
		echo "not exercised: $shell is not installed"
	fi
done
"$straylight" completions tcsh 2> "$work/err" && failed=1
grep -q "no completions for 'tcsh'" "$work/err" || { cat "$work/err"; failed=1; }
exit $failed
