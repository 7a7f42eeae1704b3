#!/bin/bash
# Store paths from binary caches that Nix made, and from broken ones:   nix-substitute.sh BINARY
set -eu
binary=$(realpath "$1")
here=$(dirname "$(realpath "$0")")
command -v python3 > /dev/null || { echo 'skipped: there is no python3'; exit 77; }
command -v nix-store > /dev/null || { echo 'skipped: there is no nix-store'; exit 77; }
work=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server"; chmod -R u+w "$work"; rm -rf "$work"' EXIT
export HOME=$work/home XDG_CACHE_HOME=$work/cache
export NIX_STATE_DIR=$work/state NIX_LOG_DIR=$work/log.nix NIX_CONF_DIR=$work/conf NIX_REMOTE=
unset NIX_PATH http_proxy https_proxy HTTP_PROXY ALL_PROXY all_proxy
mkdir "$work/home" "$work/conf"
echo 'build-users-group =' > "$work/conf/nix.conf"

# Three paths of Nix: b refers to a, c to b and to itself by no name; each a tree with a link and a program.
cat > "$work/default.nix" <<'N'
let
  a = builtins.toFile "a" "the first\n";
  b = builtins.toFile "b" "after ${a}\n";
in { inherit a b; tree = builtins.path { path = ./tree; name = "tree"; }; c = builtins.toFile "c" "after ${b} and ${a}\n"; }
N
mkdir -p "$work/tree/sub"
printf '#!/bin/sh\n' > "$work/tree/sub/run"
chmod 755 "$work/tree/sub/run"
ln -s sub/run "$work/tree/link"
head -c 200000 /dev/urandom > "$work/tree/bytes"
nix_() { nix --extra-experimental-features nix-command --store "$work/root" "$@" 2> "$work/err"; }
path_of() { nix-instantiate --store "$work/root" --eval --read-write-mode "$work" -A "$1" 2> "$work/err" | tr -d '"'; }
a=$(path_of a) b=$(path_of b) c=$(path_of c) tree=$(path_of tree)
nix_ key generate-secret --key-name test-1 > "$work/secret"
nix_ key generate-secret --key-name test-1 > "$work/other"
nix_ key convert-secret-to-public < "$work/secret" > "$work/public"
nix_ key convert-secret-to-public < "$work/other" > "$work/stranger"
key=$(cat "$work/public")
# cache NAME COMPRESSION PATH…: signed.
cache() {
	name=$1 compression=$2; shift 2
	nix_ copy --to "file://$work/www/$name?compression=$compression&secret-key=$work/secret" "$@"
}
for compression in none gzip xz zstd bzip2; do cache $compression $compression "$c" "$tree"; done

python3 "$here/faulty-server.py" "$work/www" "$work/log" > "$work/port" &
server=$!
for _ in $(seq 100); do [ -s "$work/port" ] && break; sleep 0.1; done
url=http://127.0.0.1:$(cat "$work/port")
touch "$work/log"

fail() { echo "failed: $1"; cat "$work/err"; exit 1; }
fresh() { if [ -d "$work/cache" ]; then chmod -R u+w "$work/cache"; fi; rm -rf "$work/cache"; }
lacks_store() { chmod -R u+w "$work/cache/straylight/nix"; rm -rf "$work/cache/straylight/nix"; }
# realise CACHE OPTIONS… PATH
realise() { from=$1; shift; "$binary" nix realise --substituters="$from" --trusted-keys="$key" "$@" > "$work/out" 2> "$work/err"; }
# refuses TEXT CODE CACHE OPTIONS… PATH: the command says so, and the folder does not get the path.
refuses() {
	text=$1 code=$2; shift 2
	got=0
	realise "$@" || got=$?
	[ "$got" = "$code" ] || fail "'$text' exits with $code, not $got"
	grep -q -- "$text" "$work/err" || fail "'$text' is told"
	for last; do :; done
	[ ! -e "$work/cache/straylight/nix/store/${last#/nix/store/}" ] || fail "'$text' leaves nothing"
}

# However it is compressed and carried, the closure is Nix's.
for compression in none gzip xz zstd bzip2; do
	for from in "file://$work/www/$compression" "$url/ok/$compression" "$url/cut/$compression" "$url/busy/$compression/"; do
		case $from in */cut/xz | */busy/none/ | */ok/* | file:*) ;; *) continue ;; esac
		fresh
		realise "$from" "$c" "$tree" || fail "$from"
		[ "$(cat "$work/out")" = "$work/cache/straylight/nix/store/${c#/nix/store/}
$work/cache/straylight/nix/store/${tree#/nix/store/}" ] || fail 'the paths are printed'
		for path in "$a" "$b" "$c" "$tree"; do
			diff -r --no-dereference "$work/root$path" "$work/cache/straylight/nix/store/${path#/nix/store/}" || fail "$path of $from"
			[ "$("$binary" nix hash "$work/cache/straylight/nix/store/${path#/nix/store/}")" = "$("$binary" nix hash "$work/root$path")" ]
		done
	done
done
[ "$(stat -c %a "$work/cache/straylight/nix/store/${tree#/nix/store/}/sub/run")" = 555 ]

# A derivation's outputs: the fixed one that c was made to be.
fresh
hash=$("$binary" nix hash --base32 "$work/root$tree")
drv=$("$binary" nix instantiate -E "derivation { name = \"tree\"; system = \"s\"; builder = \"b\"; outputHash = \"$hash\";
	outputHashMode = \"recursive\"; outputHashAlgo = \"sha256\"; }")
realise "$url/ok/zstd" "$drv" || fail 'the output of a derivation'
[ "$(cat "$work/out")" = "$work/cache/straylight/nix/store/${tree#/nix/store/}" ] || fail 'its path is printed'
realise "$url/ok/xz" "$c" "$tree" || fail 'again'

# A second time no archive is fetched, and what is in the folder is not asked for at all.
lacks_store
: > "$work/log"
realise "$url/ok/xz" "$tree" || fail 'the second time'
! grep -q nar/ "$work/log" || fail 'no archive is fetched twice'
: > "$work/log"
realise "$url/ok/xz" "$tree" || fail 'the third time'
[ ! -s "$work/log" ] || fail 'what is there is not asked for'

# Several caches: one is away (one warning), one lacks it, one has it.
fresh
mkdir "$work/www/empty"
cp "$work/www/xz/nix-cache-info" "$work/www/empty"
realise "$url/down/xz,$url/ok/empty,$url/ok/xz" "$c" || fail 'the next cache is asked'
[ "$(grep -c 'is not asked any more' "$work/err")" = 1 ] || fail 'a cache that is away is told once'

# Signatures.
fresh
refuses 'no trusted key has signed' 1 "$url/ok/xz" --trusted-keys="$(cat "$work/stranger")" "$c"
grep -q "it is signed by 'test-1'" "$work/err" || fail 'the signer is named'
cp -R "$work/www/xz" "$work/www/changed"
sed -i 's/^References: .*/References: /' "$work/www/changed"/*.narinfo
refuses 'no trusted key has signed' 1 "$url/ok/changed" "$c"
cp -R "$work/www/xz" "$work/www/unsigned"
sed -i '/^Sig:/d; /^CA:/d' "$work/www/unsigned"/*.narinfo
refuses 'it is not signed' 1 "$url/ok/unsigned" "$c"
# What follows from its content needs no signature.
cp -R "$work/www/xz" "$work/www/content"
sed -i '/^Sig:/d' "$work/www/content"/*.narinfo
realise "$url/ok/content" "$tree" || fail 'a path that is its content'

# Archives that are not what was signed.
damage() { # NAME FROM: a copy whose archives are to be damaged
	fresh
	cp -R "$work/www/$2" "$work/www/$1"
}
damage flipped none
for nar in "$work/www/flipped/nar"/*; do python3 - "$nar" <<'P'
import sys
b = bytearray(open(sys.argv[1], "rb").read())
b[len(b) // 2] ^= 1
open(sys.argv[1], "wb").write(b)
P
done
refuses 'has the hash' 1 "$url/ok/flipped" "$c"
sed -i '/^FileHash/d; /^FileSize/d' "$work/www/flipped"/*.narinfo
refuses 'has the hash' 3 "$url/ok/flipped" "$tree"
damage cut none
for nar in "$work/www/cut/nar"/*; do truncate -s -16 "$nar"; done
sed -i '/^FileHash/d; /^FileSize/d' "$work/www/cut"/*.narinfo
refuses 'bytes, not' 3 "$url/ok/cut" "$tree"
damage cutxz xz
for nar in "$work/www/cutxz/nar"/*; do truncate -s -40 "$nar"; done
sed -i '/^FileHash/d; /^FileSize/d' "$work/www/cutxz"/*.narinfo
refuses 'cannot be unpacked' 1 "$url/ok/cutxz" "$tree"
damage longer none
for nar in "$work/www/longer/nar"/*; do echo more >> "$nar"; done
sed -i '/^FileHash/d; /^FileSize/d' "$work/www/longer"/*.narinfo
refuses 'is larger than' 3 "$url/ok/longer" "$tree"
damage gone xz
rm "$work/www/gone/nar"/*
refuses 'the server answers 404' 3 "$url/ok/gone" "$tree"
# A cache that gives bad bytes does not stop one that gives good ones.
realise "$url/ok/gone,$url/ok/flipped,$url/ok/xz" "$tree" || fail 'the good cache'
grep -q 'warning' "$work/err" || fail 'bad bytes are a warning'

# Closures.
damage hole xz
rm "$work/www/hole/$(basename "$a" | cut -c -32).narinfo"
refuses "no binary cache has '$a'" 1 "$url/ok/hole" "$c"
grep -q "refers to it" "$work/err" || fail 'who needs it is named'
refuses "no binary cache has" 1 "$url/ok/empty" "$c"
realise "$url/ok/hole,$url/ok/zstd" "$c" || fail 'a closure from two caches'

# Caches that are none.
fresh
mkdir "$work/www/none2"
refuses 'it has no nix-cache-info' 1 "$url/ok/none2" "$c"
mkdir "$work/www/elsewhere"
echo 'StoreDir: /gnu/store' > "$work/www/elsewhere/nix-cache-info"
refuses "is for the store '/gnu/store'" 1 "$url/ok/elsewhere" "$c"
refuses 'is no address of a binary cache' 1 ftp://host "$c"
refuses 'key' 1 "$url/ok/xz" --trusted-keys=test-1:abc "$c"
damage text xz
echo 'no colon here' >> "$work/www/text/$(basename "$c" | cut -c -32).narinfo"
refuses 'E1110' 1 "$url/ok/text" "$c"
refuses 'is no store path and no derivation' 2 "$url/ok/xz" /etc/passwd
! "$binary" --offline nix realise --substituters="$url/ok/xz" --trusted-keys="$key" "$c" > "$work/out" 2> "$work/err" || fail offline
grep -q 'network is off' "$work/err" || fail 'offline is told'
echo 'paths come from caches whole, or not at all'
