#!/bin/sh
# Packages with a build system of their own: built, tested, linked against, the same bytes every time.
#   foreign.sh BINARY [COMMAND…]
# With a command, which starts a server (remote.sh), the second build is made there.
binary=$1
shift
if [ $# -gt 0 ]; then
	exec "$@" "$0" "$binary"
fi
set -- "$binary"
. "$(dirname "$0")/lib.sh"
for program in cmake ninja meson make patch pkg-config perl; do
	[ -x "/usr/bin/$program" ] || { echo "skipped: there is no /usr/bin/$program"; exit 77; }
done

cp -R "$examples/foreign" one
cd one
"$straylight" test //... > ../out 2> ../err || fail "the packages' own tests: $(cat ../err)"
grep -q '^4 tests: 4 passed' ../out || grep -q '^4 tests: 4 passed' ../err || fail "four packages have tests"
"$straylight" build //... -q > /dev/null
for app in app app_shared; do
	same "$app" "42 noted;hello, app (built Jan  1 1980);" "$(straylight-out/app/$app/$app | tr '\n' ';')"
done
same "what a dynamic link carries" "libnote.so.1" "$(ls straylight-out/app/app_shared/app_shared.libs)"
[ -z "$(find straylight-out -name '*.build')" ] || fail "the place of a build is left"
outputs . > ../first

# From an empty cache, one action at a time, in another folder: the same bytes.
cp -R "$examples/foreign" ../another-folder
cd ../another-folder
if [ -n "${STRAYLIGHT_TEST_RE:-}" ]; then # there every action gets its toolchains anew: two of them are enough
	XDG_CACHE_HOME=$work/second "$straylight" build --remote="$STRAYLIGHT_TEST_RE" --require-remote -q //greet:greet //say:say > /dev/null ||
		fail "the build at a server"
	outputs . > ../again
	grep -E ' [.]/(greet|say)/' ../first | cmp - ../again || fail "a build at a server gives other bytes"
	exit 0
fi
XDG_CACHE_HOME=$work/second "$straylight" build --jobs=1 -q //... > /dev/null || fail "the second build"
outputs . > ../again
cmp ../first ../again || fail "the second build gives other bytes"

# Odd words arrive as they are, typed commands do what they say, a C library is a dependency too.
cd ../one
mkdir odd
cat > odd/BUILD.dhall << 'END'
let S = env:STRAYLIGHT_PRELUDE

let C = S.Builder.Command

let none = [] : List Text

in  { base = S.cxx_library "base" [ "base.c" ] [ "base.h" ] none // { includes = [ "." ] }
    , files = S.filegroup "files" [ "sub/Makefile" ]
    , odd =
            S.make "odd" [ ":files", "sub/main.c" ] [ ":base" ]
        //  { subdir = "sub"
            , env =
              [ { name = "ODD", value = "a 'b' \"c\" \$HOME \\ *" }
              , { name = "WHERE", value = "@BASE@ @prefix@ @source@" }
              ]
            , locations = toMap { BASE = ":base" }
            , make_flags = [ "TEXT=two  words" ]
            , before =
              [ C.Mkdir "new dir"
              , C.Write { path = "new dir/f", content = "a.c [x] $1\n" }
              , C.Append { path = "new dir/f", content = "end\n" }
              , C.Substitute { path = "new dir/f", from = ".c [x] $", to = "'\\1' & " }
              , C.Copy { from = "new dir", to = "copy" }
              , C.Move { from = "copy/f", to = "copy/g" }
              , C.Remove "new dir/nothing"
              , C.Run { program = "sh", arguments = [ "-c", "echo \"$ODD\" > copy/ran" ] }
              ]
            , after =
              [ C.Install { from = "new dir/f", to = "$out/share/f", mode = "755" }
              , C.Copy { from = "copy", to = "$out/share/" }
              , C.Symlink { target = "f", link = "$out/share/link" }
              , C.Chmod { path = "$out/share/copy/g", mode = "+x" }
              ]
            , outs = [ "share/link", "bin/odd" ]
            , libs = Some none
            , executable = Some "bin/odd"
            , jobs = Some 1
            }
    }
END
mkdir odd/sub
echo 'int base(void);' > odd/base.h
echo 'int base(void) { return 7; }' > odd/base.c
printf '#include <base.h>\nint main(void) { return base(); }\n' > odd/sub/main.c
cat > odd/sub/Makefile << 'END'
odd: main.c
	$(CC) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS) -o $@ main.c -lbase
install: odd
	mkdir -p $(PREFIX)/bin $(PREFIX)/share
	cp odd $(PREFIX)/bin/
	printf '%s\n' "$$ODD" "$$WHERE" '$(TEXT)' > $(PREFIX)/share/words
END
"$straylight" build -q //odd:odd > /dev/null || fail "odd words"
got=straylight-out/odd/odd/odd
same "the words" "a 'b' \"c\" \$HOME \\ *;/work/straylight-out/odd/base/libbase.a /work/straylight-out/odd/odd/odd /work/straylight-out/odd/odd/odd.build/source/sub;two  words;" \
	"$(tr '\n' ';' < $got/share/words)"
same "the file" "a'\\1' & 1;end;" "$(tr '\n' ';' < $got/share/link)"
same "the copy" "g ran" "$(test -x $got/share/copy/g && cd $got/share/copy && echo *)"
same "the command" "a 'b' \"c\" \$HOME \\ *" "$(cat $got/share/copy/ran)"
code=0
"$straylight" run -q //odd:odd || code=$?
same "the program" 7 "$code"
rm -r odd straylight-out/odd

# What changes, and only what depends on it.
echo '/* a comment */' >> say/test.sh
echo 'WORD = hi' > say/settings
sed -i 's/WORD=hello/WORD=hi/' say/BUILD.dhall
"$straylight" build //... > /dev/null 2> ../err
ran=$(sed -n 's/^\[[0-9/]*\] \(.*\) ([^)]*)$/\1/p' ../err | sort | tr '\n' ';')
same "what an edit runs" "//app:app link app;//app:app_shared link app_shared;//greet:greet autotools greet;//say:say make say;" "$ran"

# refuses LABEL TEXT…: the build fails, and says each text.
refuses() {
	label=$1
	shift
	! "$straylight" build "$label" > ../out 2> ../err || fail "$label builds"
	for text; do grep -qF -- "$text" ../err || fail "$label: '$text' is not said: $(cat ../err)"; done
}

# What a failed build says: the phase, the command, the end of its log.
sed -i 's/return count() == 42/return count() == 43/' count/src/test.c
! "$straylight" test //count:count > ../out 2>&1 || fail "a failing suite passes"
grep -q 'count: check failed' ../out || fail "the phase of a failed suite: $(cat ../out)"
sed -i 's/outs = .*/outs = [ "lib\/libother.a" ] }/' say/BUILD.dhall
refuses //say:say "the prefix lacks lib/libother.a" "E0801"
cp "$examples/foreign/say/BUILD.dhall" say/
sed -i 's/-lsay 2>/-lnothing 2>/' greet/configure
refuses //greet:greet "greet: configure failed: ./configure" "the end of config.log" "-lnothing"

# A workspace without the programs says how to have them.
sed -i '/S.Workspace.meson/d' straylight.dhall
refuses //note:note E0705 'S.Workspace.meson # S.Workspace.default.toolchains'
