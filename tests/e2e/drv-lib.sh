# What the tests of building derivations share, beside lib.sh: Nix as the oracle, in a store of its own.

skip() {
	echo "skipped: $*"
	exit 77
}

command -v nix-build > /dev/null && command -v nix-instantiate > /dev/null || skip "nix-bin is not installed"
[ -x /bin/busybox ] || skip "busybox-static is not installed"

# oracle SANDBOX-PATHS: what follows is asked of a Nix with these.
oracle() {
	mkdir -p "$work/conf"
	cat > "$work/conf/nix.conf" << END
build-users-group =
sandbox = true
sandbox-paths = $*
substitute = false
cores = 0
experimental-features = nix-command
END
	export NIX_CONF_DIR="$work/conf" NIX_STATE_DIR="$work/root/nix/var/nix" NIX_LOG_DIR="$work/log" \
		NIX_REMOTE="local?root=$work/root"
}

# instantiate FILE [OPTION…]: the closures of its derivations, as files in ./drvs; their names in ./names.
instantiate() {
	nix-instantiate "$@" 2> "$work/err" > "$work/paths" || fail "nix-instantiate: $(cat "$work/err")"
	mkdir -p "$work/drvs"
	# shellcheck disable=SC2046
	nix-store -q --requisites $(cat "$work/paths") | while read -r path; do
		cp -RP "$work/root$path" "$work/drvs/"
	done
	chmod -R u+w "$work/drvs"
	sed 's|.*/||' "$work/paths" > "$work/names"
}

# known: path, hash, size and references of everything in the oracle's store.
known() {
	nix path-info --json --all 2> "$work/err" | python3 -c '
import json, sys
for p in sorted(json.load(sys.stdin), key=lambda p: p["path"]):
    print(p["path"], p["narHash"], p["narSize"], *p["references"])'
}

# made: the same of what `drv build --json` printed.
made() {
	python3 -c '
import json, sys
seen = {o["path"]: o for d in json.load(sys.stdin) for o in d["outputs"].values()}
for path, o in sorted(seen.items()):
    print(path, o["narHash"], o["narSize"], *o["references"])'
}

# as_nix WHAT FILE: every line of what was made is one that Nix knows.
as_nix() {
	[ -s "$2" ] || fail "$1: nothing was made"
	known > "$work/known"
	while read -r line; do
		grep -qxF "$line" "$work/known" ||
			fail "$1: '$line' is not as Nix has it: $(grep -F "${line%% *}" "$work/known")"
	done < "$2"
}
