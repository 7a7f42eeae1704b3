#!/bin/sh
# A build with nothing to do starts no process and no thread:   noop.sh BINARY NOFORK
nofork=$(realpath "$2")
. "$(dirname "$0")/lib.sh"
# The sanitizers' own threads.
export ASAN_OPTIONS="${ASAN_OPTIONS:-}:detect_leaks=0"

workspace one
cd one
code=0
"$nofork" sh -c '/bin/true; exit 7' 2> /dev/null || code=$?
[ $code -ne 7 ] || fail "nofork lets a shell start a program"
code=0
"$nofork" "$straylight" build //... > /dev/null 2>&1 || code=$?
[ $code -ne 0 ] || fail "a build that has something to do started nothing"

ran > /dev/null
outputs . > ../first
"$nofork" "$straylight" build --mode=release //... > ../paths 2> ../messages || fail "something was started"
same "what it says" "nothing to do" "$(sed 's/,.*//' ../messages)"
cmp -s ../paths "$work/paths" || fail "the paths are others than those of the build"
outputs . > ../again
cmp -s ../first ../again || fail "the outputs changed"

# One label, a package, and from a package's folder: each its own record.
for label in //app:hello //greet:all; do
	"$straylight" build -q --mode=release "$label" > ../want 2>&1
	"$nofork" "$straylight" build -q --mode=release "$label" > ../got 2>&1 || fail "$label started something"
	cmp -s ../want ../got || fail "$label prints other paths"
done
cd app
"$straylight" build -q --mode=release > ../../want
"$nofork" "$straylight" build -q --mode=release > ../../got || fail "the package here started something"
cmp -s ../../want ../../got || fail "the package here prints other paths"
cd ..

# Whatever a no-op rests on ends it: a source, a build file, the workspace, a new package, an output.
changed() {
	! "$nofork" "$straylight" build -q --mode=release //... > /dev/null 2>&1 || fail "$1 went unnoticed"
	sleep 0.2 # a stamp as young as the build proves nothing, and is not remembered
	ran > /dev/null
	"$nofork" "$straylight" build -q --mode=release //... > /dev/null 2>&1 || fail "after $1 there is still something to do"
}
echo '/* */' >> greet/greet.c
changed "an edited source"
echo '-- ' >> app/BUILD.dhall
changed "an edited build file"
echo '-- ' >> straylight.dhall
changed "an edited workspace"
mkdir more
echo '{=}' > more/BUILD.dhall
changed "a new package"
rm -r more
changed "a package that is gone"
rm straylight-out/app/hello/hello
changed "a removed output"
echo "passed"
