#!/bin/sh
# Every kind of crate, linked to and from C and C++; and what is said when a crate is wrong.   rust-kinds.sh BINARY
. "$(dirname "$0")/rust-lib.sh"
. "$(dirname "$0")/lib.sh"

# refused TARGET CODE TEXT: it is not built, and that is said.
refused() {
	"$straylight" build "$1" > "$work/messages" 2>&1 && fail "$1 is built"
	grep -qF "error[$2]" "$work/messages" || fail "$1: no $2 in: $(cat "$work/messages")"
	grep -qF -- "$3" "$work/messages" || fail "$1: no '$3' in: $(cat "$work/messages")"
}

mkdir -p ws/one ws/two ws/sine ws/mix ws/wrong
cd ws
cp "$examples/rust/straylight.dhall" .

# Two crates of one name, behind two others; one is called otherwise than its target.
for n in one two; do
	cat > $n/BUILD.dhall << END
let S = env:STRAYLIGHT_PRELUDE

in  { util = S.rust_library "util" [ "util.rs" ] ([] : List Text)
    , by-$n = S.rust_library "by-$n" [ "by.rs" ] [ ":util" ] // { crate_name = Some "by_$n" }
    }
END
	echo "pub static NAME: &str = \"$n\"; pub fn make<T: Default>() -> T { T::default() }" > $n/util.rs
	echo 'pub fn name() -> String { util::NAME.to_string() + &util::make::<String>() }' > $n/by.rs
done

# C++ with its library, exceptions and a library of the system.
cat > sine/BUILD.dhall << 'END'
let S = env:STRAYLIGHT_PRELUDE

in  { sine = S.cxx_library "sine" [ "sine.cc" ] ([] : List Text) ([] : List Text) // { linkopts = [ "-lm" ] } }
END
cat > sine/sine.cc << 'END'
#include <cmath>
#include <string>
extern "C" int digits(int n)
{
	try {
		throw std::to_string(std::sin(n));
	} catch (const std::string &s) {
		return (int)s.size();
	}
}
END

cat > mix/BUILD.dhall << 'END'
let S = env:STRAYLIGHT_PRELUDE

let none = [] : List Text

let kind = \(crate_type : S.CrateType) -> { crate_type }

let shared = { link_style = S.LinkStyle.Shared }

let C = { link_cxx = False }

in  { names = S.rust_binary "names" [ "names.rs" ] [ "//one:by-one", ":alias" ]
    , alias = S.alias "alias" "//two:by-two"
    , named = S.rust_binary "named" [ "named.rs" ] [ "//sine:sine" ]
    , named_shared = S.rust_binary "named_shared" [ "named.rs" ] [ "//sine:sine" ] // shared
    , dynamic = S.rust_library "dynamic" [ "dynamic.rs" ] [ "//one:by-one", "//sine:sine" ] // kind S.CrateType.DyLib
    , middle = S.rust_library "middle" [ "middle.rs" ] [ ":dynamic" ] // kind S.CrateType.RLib
    , on_dynamic = S.rust_binary "on_dynamic" [ "on.rs" ] [ ":middle" ] // shared
    , dynamic_test = S.rust_test "dynamic_test" [ "on.rs" ] [ ":middle" ] // shared // { args = [ "--quiet" ] }
    , for_c = S.rust_library "for_c" [ "for_c.rs" ] [ "//one:by-one" ] // kind S.CrateType.StaticLib
    , for_c_shared = S.rust_library "for_c_shared" [ "for_c.rs" ] [ "//one:by-one" ] // kind S.CrateType.CDyLib
    , c = S.cxx_binary "c" [ "main.c" ] [ ":for_c" ] // C
    , c_shared = S.cxx_binary "c_shared" [ "main.c" ] [ ":for_c_shared" ] // C // shared
    , generated =
        S.genrule
          "generated"
          none
          [ "main.rs" ]
          [ S.Command.Write
              { output = "main.rs", content = S.word "fn main() { println!(\"generated\"); }", executable = False }
          ]
    , root = S.rust_library "root" [ ":generated" ] none // kind S.CrateType.Bin
    }
END
echo 'fn main() { println!("{} {}", by_one::name(), by_two::name()); }' > mix/names.rs
cat > mix/named.rs << 'END'
#[link(name = "sine")]
extern "C" {
    fn digits(n: i32) -> i32;
}
fn main() {
    println!("{}", unsafe { digits(3) });
}
END
cat > mix/dynamic.rs << 'END'
extern "C" {
    fn digits(n: i32) -> i32;
}
pub fn text() -> String {
    format!("{} {}", by_one::name(), unsafe { digits(3) })
}
END
echo 'pub fn text() -> String { dynamic::text() }' > mix/middle.rs
cat > mix/on.rs << 'END'
pub fn main() {
    println!("{}", middle::text());
}
#[test]
fn text() {
    assert_eq!(middle::text(), "one 8");
}
END
cat > mix/for_c.rs << 'END'
#[no_mangle]
pub extern "C" fn from_rust(x: f64) -> usize {
    by_one::name().len() + x.sin() as usize + std::panic::catch_unwind(|| ()).is_ok() as usize
}
END
cat > mix/main.c << 'END'
#include <stdio.h>
size_t from_rust(double);
int main(void)
{
	printf("%zu\n", from_rust(0.5));
	return 0;
}
END
"$straylight" build -q //mix:all > "$work/paths" 2> "$work/messages" || fail "the kinds of crates: $(cat "$work/messages")"
for case in 'names one two' 'named 8' 'named_shared 8' 'on_dynamic one 8' 'c 4' 'c_shared 4' 'root generated'; do
	same "$case" "${case#* }" "$("straylight-out/mix/${case%% *}/${case%% *}")"
done
same "what stands beside a program" "libdynamic.so" "$(ls straylight-out/mix/on_dynamic/on_dynamic.libs)"
same "what stands beside the one in C" "libfor_c_shared.so" "$(ls straylight-out/mix/c_shared/c_shared.libs)"
"$straylight" test //mix:all > "$work/messages" 2>&1 || fail "the test of a shared crate: $(cat "$work/messages")"

cat > wrong/BUILD.dhall << 'END'
let S = env:STRAYLIGHT_PRELUDE

let none = [] : List Text

in  { newer = S.rust_library "newer" [ "empty.rs" ] none // { edition = S.Edition.E2024 }
    , twice = S.rust_library "twice" [ "twice.rs" ] [ "//one:util", "//two:util" ]
    , parts = S.rust_library "parts" [ "parts.rs" ] none
    , text = S.rust_library "text" [ "text.rs" ] none
    , for_c = S.rust_library "for_c" [ "for_c.rs" ] [ "//mix:for_c" ]
    , nix = S.rust_library "nix" [ "empty.rs" ] none // { toolchain = Some (S.Toolchain.fromNix "nixpkgs#rustc") }
    }
END
: > wrong/empty.rs
: > wrong/part.rs
: > wrong/some.txt
echo 'pub fn name() -> &'"'static str { util::NAME }" > wrong/twice.rs
echo 'mod part;' > wrong/parts.rs
echo 'pub const TEXT: &str = include_str!("some.txt");' > wrong/text.rs
echo 'pub fn n() -> usize { for_c::from_rust(1.0) }' > wrong/for_c.rs
if ! /usr/bin/rustc --edition=2024 --crate-type=lib --emit=metadata -o "$work/meta" wrong/empty.rs > "$work/said" 2>&1; then
	refused //wrong:newer E0801 "$(head -n 1 "$work/said")"
fi
refused //wrong:twice E0801 'candidates for `util` found'
refused //wrong:parts E0807 "needs 'wrong/part.rs', which exists but is not declared"
refused //wrong:text E0807 "needs 'wrong/some.txt', which exists but is not declared"
refused //wrong:for_c E0801 '`for_c`'
(unset NIX_PATH; refused //wrong:nix E1141 'NIX_PATH=nixpkgs=FOLDER')

# A machine without rustc: /usr/bin has everything else.
if command -v bwrap > /dev/null; then
	rm -r .straylight
	mkdir "$work/bin"
	# shellcheck disable=SC2016
	XDG_CACHE_HOME=$work/empty bwrap --dev-bind / / --dev-bind /usr/bin "$work/bin" --tmpfs /usr/bin \
		"$work/bin/sh" -c '"$1/ln" -s "$1"/* /usr/bin; rm /usr/bin/rustc; shift; exec "$@"' sh "$work/bin" \
		"$straylight" build //mix:names > "$work/messages" 2>&1 && fail "a build without rustc"
	grep -qF "error[E0902]: 'rustc' is not installed" "$work/messages" || fail "without rustc: $(cat "$work/messages")"
	grep -qF "hint: apt-get install rustc" "$work/messages" || fail "without rustc, no hint: $(cat "$work/messages")"
fi
echo "passed"
