#!/bin/sh
# What `dhall to-nix` writes means in Nix what it means in Dhall:   tests/conformance/to_nix.sh BINARY
# Each row is a Dhall expression, how Nix uses it as f, and the JSON of the result.  Where the standard's Prelude is
# ($STRAYLIGHT_CORPUS), all of it must be valid Nix too.  Ends with 77, and says why, where there is no Nix.
set -eu
binary=$(realpath "$1")
command -v nix-instantiate > /dev/null || { echo "skipped: there is no nix-instantiate"; exit 77; }
prelude=$(realpath -m "${STRAYLIGHT_CORPUS:-../shared/corpus}")/dhall-lang/Prelude
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export HOME="$work" NIX_STATE_DIR="$work/state" NIX_STORE_DIR="$work/store" NIX_LOG_DIR="$work/log"

count=0
failed=0
while IFS='%' read -r expression use want; do
	[ -n "$expression" ] || continue
	count=$((count + 1))
	printf '%s\n' "$expression" | "$binary" dhall to-nix > "$work/f.nix" || true
	got=$(nix-instantiate --eval --strict --json -E "let f = import $work/f.nix; in $use" 2> "$work/err") || got=$(cat "$work/err")
	if [ "$got" != "$want" ]; then
		echo "FAILED $expression: $use is $got, not $want"
		failed=$((failed + 1))
	fi
done << 'ROWS'
{ a = 1, `b/c` = [ -1, +2 ], d = None Bool, e = Some "x" }%f%{"a":1,"b/c":[-1,2],"d":null,"e":"x"}
"a\"\${x} \n\t \\ $ \u0001"%f%"a\"${x} \n\t \\ $ \u0001"
[ -9223372036854775808, +9223372036854775807 ]%f%[-9223372036854775808,9223372036854775807]
[ 1.5, -2.25, 1.0e-30 ]%f%[1.5,-2.25,1e-30]
{ date = 2020-01-01, b = 0x"00ff" }%f%{"b":"00ff","date":"2020-01-01"}
\(x : Natural) -> \(x : Natural) -> x@1 + x * 10%f 3 4%43
\(builtins : Natural) -> \(`true` : Natural) -> \(`1/+` : Natural) -> [ Natural/show builtins, Natural/show `true`, Natural/show `1/+` ]%f 1 2 3%["1","2","3"]
\(u : Natural) -> < A : Natural | B >.A u%f 3 { A = n: n + 1; B = 0; }%4
< A : Natural | B >.A%f 3 { A = n: n + 1; B = 0; }%4
\(u : < A : Natural | `b/c` >) -> merge { A = \(n : Natural) -> n + 1, `b/c` = 0 } u%[ (f (h: h.A 1)) (f (h: h."b/c")) ]%[2,0]
\(o : Optional Natural) -> merge { None = 0, Some = \(n : Natural) -> n + 1 } o%[ (f null) (f 4) ]%[0,5]
\(o : < None | Some : Natural >) -> merge { None = 0, Some = \(n : Natural) -> n + 1 } o%[ (f (h: h.None)) (f (h: h.Some 4)) ]%[0,5]
\(r : { a : { b : Natural }, o : Optional { x : Natural } }) -> r with a.b = 2 with o.?.x = 3 with n.m = 4%[ (f { a.b = 1; o = null; }) (f { a.b = 1; o = { x = 1; }; }) ]%[{"a":{"b":2},"n":{"m":4},"o":null},{"a":{"b":2},"n":{"m":4},"o":{"x":3}}]
\(r : { o : Optional Natural }) -> r with o.? = 3%[ (f { o = null; }) (f { o = 1; }) ]%[{"o":null},{"o":3}]
\(r : { a : { b : Natural } }) -> r /\ { a.c = 1, d = 2 }%f { a.b = 5; }%{"a":{"b":5,"c":1},"d":2}
\(r : { a : { b : Natural } }) -> { a.c = 1 } /\ r%f { a.b = 5; }%{"a":{"b":5,"c":1}}
\(r : { a : Natural }) -> r // { a = True }%f { a = 1; }%{"a":true}
\(r : { a : Natural, `if` : Natural, c : Natural }) -> r.{ a, `if` }%f { a = 1; "if" = 2; c = 3; }%{"a":1,"if":2}
\(r : { a : Natural, c : Natural }) -> r.({ c : Natural })%f { a = 1; c = 3; }%{"c":3}
\(r : { a : Natural }) -> toMap r%f { a = 1; }%[{"mapKey":"a","mapValue":1}]
\(a : Bool) -> \(b : Bool) -> [ if a then "x" else "y", Text/show (if a || b && a then "1" else "2") ]%f false true%["y","\"2\""]
\(a : Bool) -> \(b : Bool) -> [ a == b, a != b, a && b, a || b ]%f false true%[false,true,false,true]
\(n : Natural) -> { a = Natural/isZero n, b = Natural/even n, c = Natural/odd n, d = Natural/show n }%f 3%{"a":false,"b":false,"c":true,"d":"3"}
\(n : Natural) -> [ Natural/subtract n 5, Natural/subtract 5 n, n + n * n ]%f 3%[2,0,12]
\(n : Natural) -> Natural/fold n Text (\(t : Text) -> t ++ "x") ""%f 5%"xxxxx"
\(n : Natural) -> Natural/fold n Natural (\(t : Natural) -> t + 1) 0%f 30000%30000
\(k : forall (n : Type) -> (n -> n) -> n -> n) -> Natural/build k%f (t: s: z: s (s z))%2
\(n : Natural) -> Natural/toInteger n%f 3%3
\(i : Integer) -> { s = Integer/show i, n = Integer/negate i, c = Integer/clamp i, d = Integer/toDouble i }%[ (f 2) (f (-2)) ]%[{"c":2,"d":2,"n":-2,"s":"+2"},{"c":0,"d":-2,"n":2,"s":"-2"}]
Double/show%map f [ 1.0 1.5 (-2.25) 1.0e100 1.0e-30 (0.0 * (-1)) (1.0e308 * 10) (-1.0e308 * 10) (1.0e308 * 10 - 1.0e308 * 10) ]%["1.0","1.5","-2.25","1.0e100","1.0e-30","-0.0","Infinity","-Infinity","NaN"]
List/build Natural%f (t: c: n: c 1 (c 2 n))%[1,2]
\(l : List Natural) -> { h = List/head Natural l, l = List/last Natural l, n = List/length Natural l, r = List/reverse Natural l, a = l # [ 9 ] }%[ (f [ 1 2 ]) (f [ ]) ]%[{"a":[1,2,9],"h":1,"l":2,"n":2,"r":[2,1]},{"a":[9],"h":null,"l":null,"n":0,"r":[]}]
\(l : List Natural) -> List/indexed Natural l%f [ 7 8 ]%[{"index":0,"value":7},{"index":1,"value":8}]
\(l : List Natural) -> List/fold Natural l Text (\(x : Natural) -> \(t : Text) -> Natural/show x ++ t) ""%f [ 1 2 3 ]%"123"
\(l : List Natural) -> List/fold Natural l Natural (\(x : Natural) -> \(y : Natural) -> x + y) 0%f (builtins.genList (i: 1) 30000)%30000
\(t : Text) -> Text/show "${t} \n"%f "$a\"\u"%"\"\\u0024a\\\"u \\n\""
\(n : Text) -> Text/replace n "b" "aXa"%[ (f "a") (f "") ]%["bXb","aXa"]
\(A : Type) -> \(x : A) -> [ x ]%f { } 1%[1]
\(d : Date) -> \(t : Time) -> \(z : TimeZone) -> [ Date/show d, Time/show t, TimeZone/show z ]%f "d" "t" "z"%["d","t","z"]
\(x : Natural) -> assert : x === x%f 1%{}
ROWS

if [ -d "$prelude" ]; then
	for file in "$prelude"/*/*.dhall "$prelude"/package.dhall; do
		count=$((count + 1))
		"$binary" dhall to-nix "$file" > "$work/f.nix" && nix-instantiate --parse "$work/f.nix" > "$work/parsed" 2> "$work/err" || {
			echo "FAILED $file"
			cat "$work/err"
			failed=$((failed + 1))
		}
	done
else
	echo "there is no $prelude: without it"
fi
echo "$count expressions, $failed failed"
[ $failed = 0 ]
