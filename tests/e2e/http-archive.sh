#!/bin/bash
# http_archive: from files and from a server, with its errors:   http-archive.sh BINARY
. "$(dirname "$0")/lib.sh"
for program in python3 patch make perl pkg-config; do
	command -v $program > /dev/null || { echo "skipped: there is no $program"; exit 77; }
done

mkdir -p www src/say-1.0 ws
cp "$examples/foreign/say/"* src/say-1.0/
rm src/say-1.0/BUILD.dhall
ln -s say.h src/say-1.0/link.h
tar -C src -czf www/say.tar.gz say-1.0
tar -C src/say-1.0 -cJf www/flat.tar.xz .
(cd src && python3 -m zipfile -c ../www/say.zip say-1.0)
head -c 300 www/say.tar.gz > www/cut.tar.gz
cat > ws/more.patch << 'END'
--- a/say.c
+++ b/say.c
@@ -4,5 +4,5 @@
 
 void say(const char *whom)
 {
-	printf("%s, %s (built %s)\n", WORD, whom, __DATE__);
+	printf("%s again, %s (built %s)\n", WORD, whom, __DATE__);
 }
END
python3 "$tests/faulty-server.py" www log > port &
server=$!
trap 'kill $server 2>/dev/null; chmod -R u+w "$work" 2>/dev/null; rm -rf "$work"' EXIT
for _ in $(seq 100); do [ -s port ] && break; sleep 0.1; done
url=http://127.0.0.1:$(cat port)
touch log
requests() { wc -l < "$work/log"; }
sha() { sha256sum "$work/www/$1" | cut -d ' ' -f 1; }

cd ws
cat > straylight.dhall << 'END'
let S = env:STRAYLIGHT_PRELUDE

in  S.Workspace::{
    , toolchains =
          S.Workspace.foreign
        # toMap { cxx = S.Toolchain.hostC { packages = [] : List Text } }
        # S.Workspace.default.toolchains
    }
END
# target ATTRIBUTES: BUILD.dhall has an archive with them, and a package made of it.
target() {
	cat > BUILD.dhall << END
let S = env:STRAYLIGHT_PRELUDE

in  { src = S.http_archive "say-src" $1
    , say = S.make "say" [ ":say-src" ] ([] : List Text) // { make_flags = [ "WORD=hello" ] }
    }
END
}
build() { "$straylight" build "$@" > ../out 2> ../err; }
# refuses CODE TEXT ARGUMENT…
refuses() {
	code=$1 text=$2
	shift 2
	set +e
	build "$@"
	got=$?
	set -e
	[ $got -ne 0 ] || fail "'$*' is refused: $(cat BUILD.dhall)"
	grep -q "error\[$code\]" ../err || fail "$code: $(cat ../err)"
	grep -qF -- "$text" ../err || fail "'$text': $(cat ../err)"
}

# From a server, once; then from the cache, with the network off.
target "\"$url/ok/say.tar.gz\" \"$(sha say.tar.gz)\""
build //:say || fail "an archive from a server: $(cat ../err)"
same "the program" "hello, make (built Jan  1 1980)" "$(straylight-out/say/say/bin/say)"
same "what is asked for" 1 "$(requests)"
build //:say-src || fail "the archive alone"
same "its link" "say.h" "$(readlink straylight-out/say-src/say-src/link.h)"
(cd straylight-out/say-src/say-src && ls) > ../listing
(cd ../src/say-1.0 && ls) | cmp - ../listing || fail "what is unpacked"
rm -rf straylight-out .straylight
build --offline //:say || fail "the second time, offline: $(cat ../err)"
same "what is asked for the second time" 1 "$(requests)"

# Not at hand, and offline; --dry-run fetches nothing.
XDG_CACHE_HOME=$work/empty refuses E1144 "the network is off" --offline //:say-src
XDG_CACHE_HOME=$work/empty "$straylight" build --dry-run //:say-src > ../out 2>&1 || fail "dry run: $(cat ../out)"
same "a dry run asks nobody" 1 "$(requests)"

# The other kinds: a file's URL, xz without a folder at its top, zip, a chosen folder, a single file.
sri="sha256-$(openssl dgst -sha256 -binary ../www/flat.tar.xz | base64)"
target "\"file://$work/www/flat.tar.xz\" \"$sri\""
build --offline //:say || fail "xz by a file's URL, with an SRI hash: $(cat ../err)"
target "\"$url/ok/say.zip\" \"$(sha say.zip)\" // { strip_prefix = Some \"\" }"
build //:say-src || fail "zip: $(cat ../err)"
[ -f straylight-out/say-src/say-src/say-1.0/say.c ] || fail "a zip, nothing stripped"
target "\"$url/ok/say.zip\" \"$(sha say.zip)\" // { strip_prefix = Some \"say-1.0\" }"
build //:say || fail "zip with a folder: $(cat ../err)"
target "\"$url/ok/say.zip\" \"$(sha say.zip)\" // { type = S.ArchiveType.File, executable = True }"
build //:say-src || fail "a file: $(cat ../err)"
cmp straylight-out/say-src/say-src ../www/say.zip || fail "a file as it came"
[ -x straylight-out/say-src/say-src ] || fail "an executable file"

# Mirrors and patches.
target "\"$url/gone/nothing.tar.gz\" \"$(sha say.tar.gz)\" // { mirrors = [ \"$url/ok/say.tar.gz\" ], patches = [ \"more.patch\" ] }"
XDG_CACHE_HOME=$work/second build //:say || fail "a mirror: $(cat ../err)"
same "what is patched" "hello again, make (built Jan  1 1980)" "$(straylight-out/say/say/bin/say)"
"$straylight" query actions //:say-src > ../actions
grep -q 'fetch say-src.orig' ../actions || fail "the fetch is an action: $(cat ../actions)"
grep -q "from $url/ok/say.tar.gz" ../actions || fail "its URLs are shown"

# Errors.
target "\"$url/ok/say.tar.gz\" \"$(sha say.zip)\""
XDG_CACHE_HOME=$work/third refuses E1143 "BUILD.dhall" //:say-src
target "\"$url/ok/cut.tar.gz\" \"$(sha cut.tar.gz)\""
refuses E1145 "cannot be unpacked" //:say-src
target "\"$url/ok/say.tar.gz\" \"$(sha say.tar.gz)\" // { strip_prefix = Some \"say-2.0\" }"
refuses E1145 "it has 'say-1.0'" //:say-src
target "\"$url/ok/say.tar.gz\" \"0123\""
refuses E1106 "0123" //:say-src
target "\"$url/ok/nowhere.tar.gz\" \"$(printf %064d 0)\""
refuses E1142 "nowhere.tar.gz" //:say-src
