#!/bin/sh
# What the program prints, held to the letter:   tests/golden.sh BINARY [SUITE/CASE | SUITE]…
# A case is a folder tests/golden/SUITE/CASE/ with
#	cmd          shell lines, run in a fresh copy of in/ (if there is one); `straylight` is BINARY
#	out err code what they must print and exit with; an absent file stands for nothing and 0
# HOME and XDG_CACHE_HOME are fresh folders; for a case with a workspace the host's compiler is captured
# already, and there is no result of any action.  Times, digests where they vary and the temporary folder
# are replaced before comparing.  STRAYLIGHT_ACCEPT=1 writes what was printed as what must be.
set -eu
binary=$(realpath "$1")
shift
suites=$(dirname "$(realpath "$0")")/golden
work=$(mktemp -d)
work=$(realpath "$work")
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
mkdir "$work/bin" "$work/got"
ln -s "$binary" "$work/bin/straylight"
PATH=$work/bin:$PATH
[ $# -gt 0 ] || set -- $(cd "$suites" && ls)

# AddressSanitizer remarks on a stack that was left by longjmp.
normalise() {
	sed -E "/ASan is ignoring requested/,/sanitizers.issues.189/d; s|$work/run|WORK|g; s|$work|TMP|g; s|[0-9]+\.[0-9]+ s\b|N s|g; s|[0-9]+ min [0-9]+ s\b|N s|g" "$1"
}

# holds CASE FILE: what was printed is what must be.
holds() {
	if [ -n "${STRAYLIGHT_ACCEPT:-}" ]; then
		if [ -s "$work/got/$2" ] && [ "$2 $(cat "$work/got/$2")" != "code 0" ]; then
			cp "$work/got/$2" "$suites/$1/$2"
		else
			rm -f "$suites/$1/$2"
		fi
		return 0
	fi
	want=$suites/$1/$2
	if [ ! -f "$want" ]; then
		want=$work/want
		if [ "$2" = code ]; then echo 0; fi > "$want"
	fi
	diff -u --label "$1/$2" --label 'printed now' "$want" "$work/got/$2"
}

# The compiler is captured once; cases get hard links to what that put into the cache.
warm_cache() {
	if [ ! -d "$work/warm" ]; then
		mkdir "$work/warm" "$work/captured"
		(cd "$work/warm" && straylight init -q && XDG_CACHE_HOME=$work/captured straylight query actions -q) > "$work/log"
	fi
	cp -al "$work/captured/." "$work/cache"
	mkdir "$work/run/.straylight"
	cp -R "$work/warm/.straylight/toolchains" "$work/run/.straylight"
}

run_case() {
	rm -rf "$work/run" "$work/home" "$work/cache"
	mkdir "$work/home" "$work/cache" "$work/run"
	if [ -f "$suites/$1/in/straylight.dhall" ]; then warm_cache; fi
	if [ -d "$suites/$1/in" ]; then cp -R "$suites/$1/in/." "$work/run"; fi
	code=0
	(
		cd "$work/run"
		unset STRAYLIGHT_PRELUDE STRAYLIGHT_FAIL_ALLOC XDG_CONFIG_HOME
		HOME=$work/home XDG_CACHE_HOME=$work/cache TERM=dumb LC_ALL=C.UTF-8 \
			sh "$suites/$1/cmd" > "$work/stdout" 2> "$work/stderr" < /dev/null
	) || code=$?
	chmod -R u+w "$work/run" "$work/cache"
	normalise "$work/stdout" > "$work/got/out"
	normalise "$work/stderr" > "$work/got/err"
	echo "$code" > "$work/got/code"
	ok=0
	for file in out err code; do holds "$1" "$file" || ok=1; done
	return $ok
}

cases=0
failed=0
for suite; do
	case $suite in
	*/*) list=$suite ;;
	*) list=$(cd "$suites" && ls -d "$suite"/*) ;;
	esac
	for name in $list; do
		[ -f "$suites/$name/cmd" ] || { echo "$name: no such case"; failed=$((failed + 1)); continue; }
		cases=$((cases + 1))
		run_case "$name" || { echo "failed: $name"; failed=$((failed + 1)); }
	done
done
echo "$cases cases, $failed failed"
[ "$cases" -gt 0 ] && [ "$failed" -eq 0 ]
