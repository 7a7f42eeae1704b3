#!/bin/sh
# The integrity cache shared with another implementation:   tests/conformance/peer.sh BINARY
# What straylight writes into it the Go implementation reads, and the reverse, and both write the same bytes.
# Over the expressions below, and the Prelude when the standard's repository is beside this one; what the peer
# does not know (it has version 17 of the language) is left out, and counted.
# The peer is $DHALL_GOLANG, dhall-golang in the PATH, or is built by go; else this ends with 77.
set -eu
straylight=$(realpath "$1")
prelude=$(realpath -m "${STRAYLIGHT_CORPUS:-../shared/corpus}")/dhall-lang/Prelude
module=github.com/philandstuff/dhall-golang/v6/cmd@v6.0.2
work=$(mktemp -d)
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT

peer=${DHALL_GOLANG:-$(command -v dhall-golang || true)}
if [ -z "$peer" ] && command -v go > /dev/null && GOBIN=$work GOFLAGS=-modcacherw go install $module > "$work/go.log" 2>&1; then
	peer=$work/cmd
fi
[ -n "$peer" ] || { echo "skipped: dhall-golang is not here, and go cannot build it"; exit 77; }

mkdir -p "$work/ours/dhall" "$work/theirs/dhall" "$work/src"
cd "$work/src"
n=0
while IFS= read -r text; do
	n=$((n + 1))
	printf '%s\n' "$text" > "$(printf %02d $n).dhall"
done << 'END'
1
-3
1.5
[ 0.0, -0.0, 1e300, 1e-7, 65504.0, 0.1 ]
"text with \u0007 and é and \"quotes\""
True
Type
[ 1, 2, 3 ]
[] : List { a : Natural }
[ None Natural, Some 1 ]
{=}
{}
<>
{ b = 1, a = { d = "x", c = True } }
{ b : Natural, a : Text }
< B : Natural | A | C : { x : Text } >
< B : Natural | A >.B 7
< B : Natural | A >.A
\(x : Natural) -> x + 1
\(a : Type) -> \(x : a) -> \(y : a) -> [ x, y ]
\(x : Natural) -> \(x : Natural) -> x@1 + x
\(t : Text) -> "a${t}b${t ++ "c"}"
\(b : Bool) -> \(x : Natural) -> if b then x else 2
forall (a : Type) -> a -> List a
\(r : { a : Natural, b : Text }) -> r.{ a }
\(r : { a : Natural }) -> \(s : { b : Text }) -> r /\ s
\(r : { a : Natural }) -> r // { a = 2 }
\(u : < A : Natural | B >) -> merge { A = \(n : Natural) -> n, B = 0 } u
\(l : List Natural) -> List/fold Natural l Natural (\(x : Natural) -> \(y : Natural) -> x + y) 0
toMap { a = 1, b = 2 }
\(x : Natural) -> assert : x === x
12345678901234567890123456789012345678901234567890
-12345678901234567890123456789012345678901234567890
[ 23, 24, 255, 256, 65535, 65536, 4294967295, 4294967296, 18446744073709551615, 18446744073709551616 ]
\(_ : Natural) -> \(_ : Natural) -> _ + _@1
Natural/fold
List/build
{ Type = { a : Natural, b : Text }, default = { a = 1 } }
END
files=$(echo ./*.dhall)
if [ -d "$prelude" ]; then
	cp -R "$prelude" Prelude
	chmod -R u+w Prelude
	files="$files $(find ./Prelude -name '*.dhall' ! -name package.dhall | sort)"
fi

ask_peer() { printf '%s\n' "$1" | XDG_CACHE_HOME=$work/$2 timeout 20 "$peer"; }
ask() { printf '%s\n' "$1" | XDG_CACHE_HOME=$work/$2 "$straylight" dhall "$3"; }

passed=0 failed=0 left_out=0
wrong() {
	echo "FAILED $file: $1"
	failed=$((failed + 1))
}
one() {
	hash=$(ask "$file" none hash)
	entry=dhall/1220${hash#sha256:}
	if ! ask_peer "$file" none > "$work/plain" 2> /dev/null || ! grep -q '^decoded as' "$work/plain"; then
		left_out=$((left_out + 1))
		return
	fi
	ask "$file $hash" ours hash > /dev/null || { wrong "straylight refuses its own hash"; return; }
	ask_peer "$file $hash" theirs > /dev/null 2>&1 || { wrong "the peer has another hash"; return; }
	cmp "$work/ours/$entry" "$work/theirs/$entry" || { wrong "the entries differ"; return; }
	ask_peer "missing $hash" ours > "$work/read" 2> /dev/null || { wrong "the peer does not read our entry"; return; }
	grep -q '^decoded as' "$work/read" || { wrong "the peer reads something else from our entry"; return; }
	[ "$(ask "missing $hash" theirs hash)" = "$hash" ] || { wrong "the peer's entry is not read"; return; }
	passed=$((passed + 1))
}
for file in $files; do one; done
echo "cache: $passed entries are the same and read by both, $failed failed, $left_out left out: the peer does not know them"
[ $failed -eq 0 ] && [ $passed -gt 30 ]
