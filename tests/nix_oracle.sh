#!/bin/sh
# NARs and hashes beside those of Nix, where Nix is installed:   tests/nix_oracle.sh BINARY
# Exits with 77 (skipped) where it is not.
set -eu
binary=$(realpath "$1")
command -v nix-store > /dev/null && command -v nix-hash > /dev/null ||
	{ echo 'skipped: nix-store and nix-hash are not installed'; exit 77; }
work=$(mktemp -d)
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
export NIX_STATE_DIR="$work/state" NIX_LOG_DIR="$work/log" NIX_CONF_DIR="$work/conf" NIX_REMOTE=
checks=0

# same WHAT: what both wrote is equal.
same() {
	checks=$((checks + 1))
	cmp "$work/ours" "$work/theirs" || { echo "differs: $1"; exit 1; }
}

tree=$work/tree
mkdir -p "$tree/deep/er/and/deeper" "$tree/empty" "$tree/a.b" "$tree/a" "$tree/a-b"
for n in 0 1 7 8 9 15 16 4095 4096 262143 262144 262145 1000000; do
	head -c "$n" /dev/zero | tr '\0' x > "$tree/size-$n"
done
for name in Z a.c 'with space' '.hidden' 'umläut' '~' '#x' "$(printf 'new\nline')" "$(printf 'byte\377')"; do
	echo "$name" > "$tree/a/$name"
done
printf '#!/bin/sh\n' > "$tree/run"
chmod 755 "$tree/run"
chmod 455 "$tree/a/Z"
ln -s nowhere/at/all "$tree/link"
ln -s .. "$tree/deep/er/up"
echo x > "$tree/deep/er/and/deeper/x"

for path in "$tree" "$tree/link" "$tree/run" "$tree/size-0" "$tree/size-262144" "$tree/empty"; do
	"$binary" nix dump "$path" > "$work/ours"
	nix-store --dump "$path" > "$work/theirs" 2> /dev/null
	same "dump $path"
	rm -rf "$work/again"
	"$binary" nix restore "$work/again" < "$work/theirs"
	nix-store --dump "$work/again" > "$work/ours" 2> /dev/null
	same "restore $path"
	for type in md5 sha1 sha256 sha512; do
		"$binary" nix hash --type=$type --base32 "$path" > "$work/ours"
		nix-hash --type $type --base32 "$path" > "$work/theirs" 2> /dev/null
		same "hash $type $path"
		"$binary" nix hash --type=$type --base16 "$path" > "$work/ours"
		nix-hash --type $type "$path" > "$work/theirs" 2> /dev/null
		same "hash $type $path"
	done
done
for type in md5 sha1 sha256 sha512; do
	"$binary" nix hash --flat --type=$type --base16 "$tree/size-1000000" > "$work/ours"
	nix-hash --flat --type $type "$tree/size-1000000" > "$work/theirs" 2> /dev/null
	same "flat hash $type"
done

# What instantiating leaves in a store: the same names, bytes and modes.
cat > "$work/default.nix" <<'E'
let
  make = name: more: derivation ({ inherit name; system = "x86_64-linux"; builder = "/bin/sh"; } // more);
  note = builtins.toFile "note" "see ${./tree/run}";
  some = builtins.path { path = ./tree; name = "some"; filter = path: type: type != "symlink" && baseNameOf path != "a"; };
  low = make "low" { inherit note some; src = ./tree/deep; outputs = [ "out" "dev" ]; };
in make "top" { low = low.dev; fixed = builtins.path { path = ./tree/run; recursive = false; }; }
E
listed() {
	(cd "$1" && find . -mindepth 1 ! -path './.*' -printf '%P %y %m %l %T@\n' | sort)
}
(cd "$work" && nix-instantiate --store "$work/root" > "$work/theirs" 2> "$work/err" &&
	"$binary" nix instantiate --store="$work/store" > "$work/ours")
same 'the path of a derivation'
listed "$work/root/nix/store" > "$work/theirs"
listed "$work/store" > "$work/ours"
same 'what a store holds'
diff -r --no-dereference --exclude=.links --exclude=.new "$work/root/nix/store" "$work/store" || exit 1
echo "$checks times the same as Nix"
