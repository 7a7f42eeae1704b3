#!/bin/sh
# A build by make is traced, and what is proposed builds the same programs:   trace.sh BINARY
. "$(dirname "$0")/lib.sh"
# Leaks cannot be looked for in what is being traced.
export ASAN_OPTIONS="${ASAN_OPTIONS:-}:detect_leaks=0"

workspace one
cd one
rm -rf BUILD.dhall app greet
mkdir -p lib/inc app
cat > lib/a.c << 'END'
#include "inc/a.h"
int a(void) { return NAME[0] + A; }
END
printf '#define A 1\nint a(void);\n' > lib/inc/a.h
printf '#include "gen.h"\nint b = B;\n' > app/b.c
cat > app/main.c << 'END'
#include <inc/a.h>
#include <stdio.h>
extern int b;
int main(void) { return printf("%d %d\n", a(), b) < 0; }
END
cat > Makefile << 'END'
all: prog shared
lib/liba.a: lib/a.c
	cd lib && gcc -std=gnu11 -O2 -Wall -DNAME='"i\"x $$y"' -c a.c -o a.tmp.o && mv a.tmp.o a.o && ar rcs liba.a a.o
lib/liba.so.1: lib/liba.a
	gcc -std=gnu11 -O2 -fPIC -DNAME='"i\"x $$y"' -shared lib/a.c -o $@
	ln -sf liba.so.1 lib/liba.so
app/b.o: app/b.c
	echo '#define B 2' > gen.h
	echo "-I. -c 'app/b.c'" > b.rsp
	gcc @b.rsp -o app/b.o
app/main.o: app/main.c
	cc -std=c11 -Ilib -c app/main.c -o app/main.o
prog: lib/liba.a app/main.o app/b.o
	cc app/main.o app/b.o lib/liba.a -lm -o prog
shared: prog lib/liba.so.1
	cc app/main.o app/b.o -Llib -la -o shared
	(sleep 5 &) # what is left running is let go
END

"$straylight" trace --save=../make.trace -- make -j2 > ../proposed 2> ../messages || {
	cat ../messages >&2
	fail "the trace"
}
want=$(./prog)
cp ../proposed BUILD.dhall
"$straylight" dhall format --check BUILD.dhall || fail "it is not laid out"
"$straylight" build -q //... > ../paths || fail "what is proposed does not build"
for program in prog shared; do
	same "$program" "$want" "$("straylight-out/$program/$program")"
done
same "the targets" "a prog prog-part shared shared-part" \
	"$(sed -n 's/^\(in\)* *[{,] \([a-z-]*\) =$/\2/p' BUILD.dhall | sort | tr '\n' ' ' | sed 's/ $//')"
grep -q "note: 'gen.h' was written by the build itself" ../messages || fail "nothing is said about gen.h"

# What was kept is what was seen; two traces of one build differ in nothing, and -DX is found.
"$straylight" trace show ../make.trace > ../shown
grep -q "ar rcs liba.a a.o" ../shown || fail "the archive is not shown"
"$straylight" trace show --json ../make.trace | python3 -c '
import json, sys
t = json.load(sys.stdin)
at = [p for p in t["processes"] if p["argv"][:2] == ["gcc", "@b.rsp"]]
assert len(at) == 1 and at[0]["responses"]["b.rsp"].startswith("-I. -c"), at
assert all(p["parent"] <= i for i, p in enumerate(t["processes"]))
' || fail "the JSON"
"$straylight" trace diff ../make.trace ../make.trace > ../same || fail "a trace differs from itself"
same "no difference" "" "$(cat ../same)"
rm -f app/*.o prog shared
"$straylight" trace --save=../other.trace -o ../other.dhall -- make prog CC=cc > /dev/null 2>&1 || fail "the second trace"
code=0
"$straylight" trace diff ../make.trace ../other.trace > ../differ || code=$?
same "a difference" 1 $code
grep -q '^- .*ar rcs' ../differ || fail "the archive is no difference"

# convert writes the same targets in the place of the package that was built; what no target says is left.
cat > default.nix << 'END'
{ stdenv, zlib }: stdenv.mkDerivation { name = "prog-1"; src = ./.; buildInputs = [ zlib ]; buildPhase = "make -j$(nproc)"; }
END
converts() {
	wanted=$1
	shift
	code=0
	"$straylight" convert "$@" > ../out 2> ../messages || code=$?
	same "convert $*" "$wanted" "$code"
}
converts 1 --trace=../make.trace default.nix
grep -v '^--' ../out > ../converted
cmp ../converted ../proposed || fail "convert has other targets than the trace"
grep -q '^--     toMap { cxx = S.Toolchain.hostCxx { packages = \[ "zlib1g-dev" \] } }' ../out || fail "the packages are not named"
grep -q "warning\[E1277\]: 'buildPhase' of 'prog'" ../messages || fail "the shell is not noted: $(cat ../messages)"
grep -q "warning\[E1271\]: 'gen.h' of 'prog' is not converted: was written by the build itself" ../messages ||
	fail "what the targets do not say is not left: $(cat ../messages)"
"$straylight" convert --json --trace=../make.trace default.nix -o converted.dhall 2> /dev/null | python3 -c '
import json, sys
assert json.load(sys.stdin)["targets"] == ["a", "prog", "prog-part", "shared", "shared-part"]
' || fail "the targets of the report"
echo '{ zlib = "//third_party/zlib:zlib" }' > ../table.dhall
converts 1 --trace=../make.trace --table=../table.dhall default.nix
grep -q "warning\[E1273\]: '//third_party/zlib:zlib' of 'prog'" ../messages || fail "a label is not left: $(cat ../messages)"
echo '{ stdenv }: { a = stdenv.mkDerivation { name = "a"; src = ./.; }; b = stdenv.mkDerivation { name = "b"; src = ./.; }; }' > two.nix
converts 1 --trace=../make.trace two.nix
grep -q "error\[E1278\].*more than one target" ../messages || fail "two packages: $(cat ../messages)"
converts 1 --trace=../make.trace -A a two.nix
grep -q "error" ../messages && fail "one of two: $(cat ../messages)"
converts 1 --trace=default.nix default.nix
grep -q "error\[E1402\]" ../messages || fail "what is no trace: $(cat ../messages)"
converts 2 --trace=absent default.nix
rm -f default.nix two.nix converted.dhall

# Commands that fail, are not there, or make nothing.
code=0
"$straylight" trace -- sh -c 'exit 7' > ../out 2> ../messages || code=$?
same "a failing command" "1 " "$code $(cat ../out)"
grep -q "ended with 7" ../messages || fail "it does not say how the command ended"
for command in "E1401 /no/such/program" "E1403 true"; do
	code=0
	"$straylight" trace -- ${command#* } > ../out 2> ../messages || code=$?
	same "$command" "1 " "$code $(cat ../out)"
	grep -q "error\[${command% *}\]" ../messages || fail "$command: $(cat ../messages)"
done
code=0
"$straylight" trace > ../out 2>&1 || code=$?
same "no command" 2 $code
printf 'x' > ../bad
code=0
"$straylight" trace show ../bad > ../out 2>&1 || code=$?
same "no trace" 1 $code
