#!/bin/sh
# Rust beside C and C++: examples/rust built, run and tested; what an edit runs; the same bytes everywhere.
#   rust.sh BINARY [COMMAND…]
# With a command, which starts a server (remote.sh), the second build is made there.
binary=$1
shift
if [ $# -gt 0 ]; then
	exec "$@" "$0" "$binary"
fi
set -- "$binary"
. "$(dirname "$0")/rust-lib.sh"
. "$(dirname "$0")/lib.sh"

# The compilers are captured once; a second cache gets hard links to them, and no result of any action.
cp -R "$examples/rust" one
"$straylight" -C one query actions -q //... > /dev/null
cp -al cache second
cp -R one another-folder
cd one
same "the first build" "//app:count compile count;//app:count_cc compile main.cc;//app:count_cc link count_cc;\
//app:words_c compile libwords_c.a;//fold:fold archive libfold.a;//fold:fold compile fold.c;//words:sum compile libsum.so;\
//words:words compile libwords.rlib;//words:words_test compile words_test;" "$(ran)"
outputs . > ../first
same "nothing changed" "" "$(ran)"

# From an empty cache in another folder, one action at a time: the same bytes, and none of them names a folder.
cd ../another-folder
if [ -n "${STRAYLIGHT_TEST_RE:-}" ]; then # there every action gets its toolchains anew: two of them are enough
	XDG_CACHE_HOME=$work/second "$straylight" build --mode=release --remote="$STRAYLIGHT_TEST_RE" --require-remote -q //words:sum //words:words > /dev/null ||
		fail "the build at a server"
	outputs . > ../again
	same "what was built at a server" 2 "$(wc -l < ../again)"
	grep -E ' [.]/words/(sum|words)/' ../first | cmp - ../again || fail "a build at a server gives other bytes"
	exit 0
fi
XDG_CACHE_HOME=$work/second "$straylight" build --mode=release --jobs=1 -q //... > /dev/null || fail "the second build"
outputs . | cmp ../first - || fail "another folder and cache give other bytes"
if grep -rqlF -e "$work" -e /work/ straylight-out; then
	fail "an output names the folder that it was built in"
fi

cd ../one
same "the program" "7;3 of them stopped;" "$(straylight-out/app/count/count 'The quick' brown fox and THE dog | tr '\n' ';')"
same "the program in C++" 7 "$(straylight-out/app/count_cc/count_cc 'The quick' brown fox and THE dog)"
"$straylight" test --mode=release //... > ../out 2> ../err || fail "the test: $(cat ../err)"
grep -q '^1 test: 1 passed' ../err || fail "the test was not run: $(cat ../out ../err)"

# In C a comment ends at its object; C code reaches the programs, and no library in Rust.
echo '/* one more comment */' >> fold/fold.c
same "a comment in C" "//fold:fold compile fold.c;" "$(ran)"
sed -i 's/return c >=/return c == 1 ? 2 : c >=/' fold/fold.c
grep -q 'c == 1' fold/fold.c || fail "the example has another text now"
same "code in C" "//app:count compile count;//app:count_cc link count_cc;//fold:fold archive libfold.a;//fold:fold compile fold.c;\
//words:words_test compile words_test;" "$(ran)"

# What rustc writes of a crate has the hashes of its sources: even a comment reaches the crates that are built on it.
# The code of the archive for C is the same, and its program is not linked again.
echo '// one more comment' >> words/split.rs
same "a comment in a module" "//app:count compile count;//app:words_c compile libwords_c.a;\
//words:words compile libwords.rlib;//words:words_test compile words_test;" "$(ran)"

# Without the feature its module is not read.
sed -i 's/features = \[ "detail" \]/features = [] : List Text/' app/BUILD.dhall
same "a feature less" "//app:count compile count;" "$(ran --explain)"
grep -qF "because argument 'feature=\"detail\"' is gone" "$work/messages" || fail "why: $(cat "$work/messages")"
same "what it says without" 1 "$(straylight-out/app/count/count word)"
echo 'fn more() {' >> app/detail.rs
same "a module that nothing reads" "" "$(ran)"

# With it again, and another file that a module includes.
sed -i 's/features = \[\] : List Text/features = [ "detail" ]/' app/BUILD.dhall
sed -i '$d' app/detail.rs
echo of >> words/stop.txt
same "a file that a module includes" "1;1 of them stopped;" "$("$straylight" run -q --mode=release //app:count -- of | tr '\n' ';')"

# What a macro does differently, its users do.
sed -i 's/usize {{ 0/usize {{ 1/' words/sum.rs
"$straylight" test --mode=release //words:words_test > ../out 2>&1 && fail "the test passes with another macro"
grep -qF E0811 ../out || fail "the failed test: $(cat ../out)"
grep -qF 'assertion failed' ../out || fail "the failed test says nothing: $(cat ../out)"
cp "$examples/rust/words/sum.rs" "$examples/rust/words/stop.txt" words

# Pinned, the toolchain has the same bytes: nothing runs.
"$straylight" toolchain capture -o toolchains.dhall > /dev/null
sed -i 's/S.Workspace.rust #/toMap { rust = S.Toolchain.pin (.\/toolchains.dhall).rust (S.Toolchain.hostRust { packages = [] : List Text }) } #/' straylight.dhall
grep -q pin straylight.dhall || fail "the example has another workspace now"
same "pinned" "" "$(ran)"
"$straylight" query deps //app:count_cc > ../deps
same "what a program in C++ is made of" "//app:count_cc //app:words_c //fold:fold //words:sum //words:words" "$(sort ../deps | tr '\n' ' ' | sed 's/ $//')"
"$straylight" toolchain list > ../toolchains
grep -q '^rust: rustc' ../toolchains || fail "toolchain list: $(cat ../toolchains)"
echo "passed"
