#!/bin/sh
# Derivations that need nothing of the host, beside those that Nix builds.   drv-build.sh BINARY
. "$(dirname "$0")/lib.sh"
. "$tests/drv-lib.sh"

cat > good.nix << 'END'
let
  mk = name: attrs: script: derivation ({ inherit name; system = builtins.currentSystem; builder = "/bin/sh"; args = [ "-c" script ]; } // attrs);
  text = builtins.toFile "text.txt" "hello\n";
  refers = builtins.toFile "refers.txt" "see ${text}\n";
in rec {
  environ = mk "environ" { outputs = [ "out" "dev" ]; ph = builtins.placeholder "dev"; passAsFile = [ "big" ]; big = "large ${builtins.placeholder "out"}\n"; utf = "ü"; NIX_BUILD_CORES = "7"; HOME = "/x"; TMPDIR = "/y"; }
    ''mkdir $out $dev; env | sort > $out/env; pwd > $out/pwd; id -u >> $out/pwd; cat $bigPath > $out/big; ls -A /build | sort > $out/build; cat /etc/passwd /etc/group /etc/hosts > $dev/etc; echo "$0 $@" > $dev/arg; umask > $dev/umask'';
  sources = mk "sources" { inherit refers; } ''cat $refers > $out; cat $(sed 's/see //' $refers) >> $out'';
  structured = mk "structured" { __structuredAttrs = true; outputs = [ "out" "lib" ]; list = [ 1 2 "x y" true false null ]; nested = { a = 1; b = "it's"; c = [ 1 ]; }; flat = { a = 1; b = "it's"; }; float = 1.5; whole = 2.0; "bad-name" = 1; ph = builtins.placeholder "lib"; nul = null; t = true; big = 12345678901; exportReferencesGraph.graph = [ sources refers ]; outputChecks.out.maxSize = 100000; }
    ''out=$(sed 's/.*"out":"\([^"]*\)".*/\1/' /build/.attrs.json); lib=$(sed 's/.*"lib":"\([^"]*\)".*/\1/' /build/.attrs.json); mkdir $out $lib; cat /build/.attrs.json > $out/json; cat /build/.attrs.sh > $out/sh'';
  graph = mk "graph" { exportReferencesGraph = [ "g1" sources "g2" refers "g3" environ.dev ]; } ''mkdir $out; cat g1 g2 g3 > $out/all'';
  self = mk "self" { allowedReferences = [ "out" text ]; inherit text; } ''mkdir $out; echo $out $text > $out/x'';
  closed = mk "closed" { allowedRequisites = [ refers text ]; inherit refers; } ''echo $refers > $out'';
  link = mk "link" { } ''ln -s /nowhere $out'';
  program = mk "program" { } ''echo "#!/bin/sh" > $out; chmod 755 $out'';
  modes = mk "modes" { } ''mkdir -p $out/a/b $out/empty; echo x > $out/a/b/c; ln -s b/c $out/a/d; chmod 000 $out/a/b/c; chmod 100 $out/a/b; chmod 500 $out'';
  fixed = mk "fixed" { outputHashMode = "recursive"; outputHashAlgo = "sha1"; outputHash = "4XZp8rS73vFbADD678GN6YfqAwI="; } ''mkdir $out; echo hi > $out/x; env | grep NIX_OUTPUT_CHECKED'';
  substitutes = mk "streams" { } ''ls /dev/fd/ > /dev/null && echo yes > /dev/stderr && echo yes > $out'';
}
END
oracle /bin/sh=/bin/busybox
instantiate good.nix
nix-build good.nix --no-out-link > paths 2> err || skip "Nix cannot build here: $(tail -n 1 err)"
cd drvs
# shellcheck disable=SC2046
"$straylight" drv build --json $(cat ../names) > ../json 2> ../err || fail "drv build: $(cat ../err)"
made < ../json > ../made
as_nix "derivations" ../made
# shellcheck disable=SC2046
"$straylight" drv build $(cat ../names) > ../again 2> ../err
grep -q '^nothing to do' ../err || fail "a second run did something: $(cat ../err)"

# As a store, and as a binary cache that Nix reads.
# shellcheck disable=SC2046
"$straylight" drv build -q --out="$work/ours" --to="file://$work/cached" $(cat ../names) > /dev/null
for path in "$work"/ours/nix/store/*; do
	[ -L "$path" ] || diff -r "$path" "$work/root/nix/store/${path##*/}" || fail "$path is not as Nix has it"
	same "the time of $path" 1 "$(stat -c %Y "$path")"
	[ -L "$path" ] || [ -z "$(find "$path" ! -type l -perm /222)" ] || fail "something can be written to in $path"
done
# shellcheck disable=SC2046
NIX_REMOTE="local?root=$work/other" nix copy --no-check-sigs --from "file://$work/cached" $(cat ../again) 2> ../err ||
	fail "Nix cannot read the binary cache: $(cat ../err)"
NIX_REMOTE="local?root=$work/other" nix-store --verify --check-contents 2> ../err || fail "the copies: $(cat ../err)"
cd ..
# From another folder: a source that refers to another is found all the same.
XDG_CACHE_HOME=$work/second "$straylight" drv build -q drvs/*-sources.drv > out 2> err || fail "from another folder: $(cat err)"

# What must not be taken.
cat > bad.nix << 'END'
let
  mk = name: attrs: script: derivation ({ inherit name; system = builtins.currentSystem; builder = "/bin/sh"; args = [ "-c" script ]; } // attrs);
  text = builtins.toFile "text.txt" "hello\n";
  refers = builtins.toFile "refers.txt" "see ${text}\n";
in {
  E1150 = mk "fails" { } ''echo one; echo two >&2; exit 7'';
  E1151 = mk "no-output" { outputs = [ "out" "dev" ]; } ''echo > $out'';
  E1152 = mk "mismatch" { outputHashMode = "flat"; outputHashAlgo = "sha256"; outputHash = "sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="; } ''echo hi > $out'';
  E1153 = mk "refers" { allowedReferences = [ ]; inherit text; } ''echo $text > $out'';
  E1153-deep = mk "refers-deep" { disallowedRequisites = [ text ]; inherit refers; } ''echo $refers > $out'';
  E1153-cycle = mk "cycle" { outputs = [ "out" "dev" ]; } ''echo $dev > $out; echo $out > $dev'';
  E1153-size = mk "size" { __structuredAttrs = true; outputChecks.out.maxSize = 10; } ''out=$(sed 's/.*"out":"\([^"]*\)".*/\1/' /build/.attrs.json); echo 12345678901 > $out'';
  E1155 = derivation { name = "elsewhere"; system = "m68k-linux"; builder = "/bin/sh"; };
  E1156 = mk "specifier" { allowedReferences = [ "nope" ]; } ''echo > $out'';
  E1157 = derivation { name = "unknown"; system = "builtin"; builder = "builtin:buildenv"; };
  E1142 = derivation { name = "absent"; system = "builtin"; builder = "builtin:fetchurl"; url = "file:///nowhere/at/all"; outputHashMode = "flat"; outputHashAlgo = "sha256"; outputHash = "sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="; };
}
END
for attr in E1150 E1151 E1152 E1153 E1153-deep E1153-cycle E1153-size E1155 E1156 E1157 E1142; do
	want=1
	[ $attr != E1142 ] || want=3
	instantiate bad.nix -A $attr
	code=0
	"$straylight" drv build "drvs/$(cat names)" > out 2> err || code=$?
	same "the exit code of $attr" $want $code
	grep -q "^error\[${attr%%-*}\]" err || fail "$attr: $(cat err)"
	[ ! -s out ] || fail "$attr printed paths"
done
instantiate bad.nix -A E1150
"$straylight" drv build "drvs/$(cat names)" 2>&1 | grep -q two || fail "what the builder printed is not shown"
instantiate bad.nix -A E1153
for file in drvs/*-text.txt; do echo edited >> "$file"; done
code=0
XDG_CACHE_HOME=$work/third "$straylight" drv build "drvs/$(cat names)" > out 2> err || code=$?
same "the exit code of an edited source" 1 $code
grep -q '^error\[E1154\]' err || fail "an edited source: $(cat err)"
# What was built with folders of the host in sight is told by lint, until it is built without.
mkdir ladder
echo 'derivation { name = "tool"; system = builtins.currentSystem; builder = "/bin/sh"; args = [ "-c" "echo > $out" ]; }' > ladder/tool.nix
"$straylight" drv build -q --host-path=/usr ladder/../ladder/tool.nix# > out 2> err && fail "a name that begins with no dot is none"
"$straylight" drv build -q --host-path=/usr ./ladder/tool.nix# > out 2> err || fail "with a folder of the host: $(cat err)"
"$straylight" lint ladder > out 2>&1 || true
grep -q 'E1215.* it was built with /usr of the host in sight' out || fail "lint does not tell of --host-path: $(cat out)"
"$straylight" drv build -q ./ladder/tool.nix# > out 2> err || fail "without: $(cat err)"
"$straylight" lint ladder > out 2>&1 || true
! grep -q E1215 out || fail "lint tells of what is no longer so: $(cat out)"
echo "$(wc -l < made) outputs as Nix has them, 12 refusals"
