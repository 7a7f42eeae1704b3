#!/bin/bash
# Builtins that fetch, from a server with faults:   nix-fetch.sh BINARY
set -eu
binary=$(realpath "$1")
here=$(dirname "$(realpath "$0")")
command -v python3 > /dev/null || { echo 'skipped: there is no python3'; exit 77; }
work=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server"; chmod -R u+w "$work"; rm -rf "$work"' EXIT
export HOME=$work/home XDG_CACHE_HOME=$work/cache
unset NIX_PATH http_proxy https_proxy HTTP_PROXY ALL_PROXY all_proxy
mkdir "$work/home" "$work/www" "$work/src-1.0" "$work/src-1.0/sub"

head -c 300000 /dev/urandom > "$work/www/file"
echo '{ answer = 42; }' > "$work/src-1.0/default.nix"
printf '#!/bin/sh\n' > "$work/src-1.0/sub/run"
chmod 755 "$work/src-1.0/sub/run"
ln -s run "$work/src-1.0/sub/link"
tar -C "$work" -czf "$work/www/src.tar.gz" src-1.0
echo no archive > "$work/www/not.tar.gz"
python3 "$here/faulty-server.py" "$work/www" "$work/log" > "$work/port" &
server=$!
for _ in $(seq 100); do [ -s "$work/port" ] && break; sleep 0.1; done
url=http://127.0.0.1:$(cat "$work/port")
file=$("$binary" nix hash --flat --sri "$work/www/file")
tree=$("$binary" nix hash --sri "$work/src-1.0")

fail() { echo "failed: $1"; cat "$work/err"; exit 1; }
# fresh: nothing is in the cache, and no request was seen.
fresh() { if [ -d "$work/cache" ]; then chmod -R u+w "$work/cache"; fi; rm -rf "$work/cache" "$work/log"; touch "$work/log"; }
eval_() { "$binary" nix eval "$@" 2> "$work/err"; }
requests() { wc -l < "$work/log"; }
# refuses TEXT ARGUMENTS…: evaluation fails, and says so; no secret is told.
refuses() {
	text=$1; shift
	! eval_ "$@" > /dev/null || fail "'$*' is refused"
	grep -q -- "$text" "$work/err" || fail "'$text' is told"
	! grep -q 'open-sesame' "$work/err" || fail 'no password is told'
}

# However the transfer goes, the bytes are right, and the second time nobody is asked.
for fault in ok cut busy moved; do
	fresh
	expr="builtins.fetchurl { url = \"$url/$fault/file\"; sha256 = \"$file\"; name = \"f-$fault\"; }"
	path=$(eval_ --json -E "$expr" | tr -d '"') || fail "fetchurl, $fault"
	cmp "$work/www/file" "$work/cache/straylight/nix/store/${path#/nix/store/}"
	asked=$(requests)
	chmod -R u+w "$work/cache/straylight/nix"
	rm -rf "$work/cache/straylight/nix"
	eval_ --offline -E "$expr" > "$work/again" || fail "fetchurl from the cache, $fault"
	[ "$(cat "$work/again")" = "\"$path\"" ]
	[ "$(requests)" = "$asked" ] || fail 'the second time nobody is asked'
done
fresh
eval_ -E "builtins.fetchurl { url = \"$url/cut/file-again\"; sha256 = \"$file\"; }" > /dev/null || true
cp "$work/www/file" "$work/www/file2"
eval_ -E "builtins.fetchurl { url = \"$url/cut/file2\"; sha256 = \"$file\"; }" > /dev/null
[ "$(tail -n 1 "$work/log")" = "/cut/file2 150000" ] || fail 'a broken transfer goes on where it broke'

# A tree: unpacked, without the folder at its top, and the same as the folder.
fresh
expr="fetchTarball { url = \"http://me:open-sesame@${url#http://}/busy/src.tar.gz?key=open-sesame\"; sha256 = \"$tree\"; }"
path=$(eval_ --json -E "\"\${$expr}\"" | tr -d '"') || fail fetchTarball
diff -r --no-dereference "$work/src-1.0" "$work/cache/straylight/nix/store/${path#/nix/store/}"
[ "$(eval_ -E "(import ($expr)).answer")" = 42 ] || fail 'what was fetched is imported'
[ "$(eval_ --offline -E "builtins.attrNames (builtins.readDir ($expr + \"/sub\"))")" = '[ "link" "run" ]' ] || fail 'it is read'
[ "$(eval_ -I "x=$url/ok/src.tar.gz" -E '(import <x>).answer')" = 42 ] || fail 'the search path fetches'
[ "$(NIX_PATH=y=file://$work/www/src.tar.gz "$binary" nix eval -E '(import <y>).answer')" = 42 ] || fail 'NIX_PATH fetches'
[ "$(eval_ --json -E "fetchTarball file://$work/www/src.tar.gz" | tr -d '"')" = "$path" ] || fail 'the same by file'

# A derivation finds it in the same folder as all its other inputs.
"$binary" nix instantiate --store="$work/store" \
	-E "derivation { name = \"x\"; system = \"s\"; builder = \"b\"; src = $expr; }" > "$work/drv" 2> "$work/err" || fail instantiate
diff -r --no-dereference "$work/src-1.0" "$work/store/${path#/nix/store/}"

# What cannot be had is told in words.
fresh
refuses 'it has the hash sha256-' -E "builtins.fetchurl { url = \"http://me:open-sesame@${url#http://}/flip/file?open-sesame\"; sha256 = \"$file\"; }"
refuses 'it has the hash sha256-' -E "builtins.fetchurl { url = \"$url/short/file\"; sha256 = \"$file\"; }"
refuses 'the server answers 404' -E "builtins.fetchurl { url = \"http://me:open-sesame@${url#http://}/ok/gone?open-sesame\"; sha256 = \"$file\"; }"
refuses 'the server answers 503 (asked 5 times)' -E "builtins.fetchurl { url = \"$url/down/file\"; sha256 = \"$file\"; }"
refuses 'the network is off' --offline -E "builtins.fetchurl { url = \"$url/ok/file\"; sha256 = \"$file\"; }"
refuses 'cannot be unpacked' -E "fetchTarball \"$url/ok/not.tar.gz\""
refuses 'it is none of file, http and https' -E 'builtins.fetchurl "ftp://host/file"'
refuses 'does not have the hash' -E "fetchTarball { url = \"$url/ok/src.tar.gz\"; sha256 = \"$file\"; }"

# A commit: its files as git archives them, and what Nix says of it; by path, by file, and from the cache.
if command -v git > /dev/null; then
	repo=$work/repo
	commit() { git -C "$repo" -c user.name=t -c user.email=t@t commit -qm "$1" --date='2001-02-03 04:05:06 +0000'; }
	git init -q -b main "$repo"
	cp -R "$work/src-1.0/." "$repo"
	git -C "$repo" add -A
	export GIT_COMMITTER_DATE='2001-02-03 04:05:06 +0000'
	commit one
	rev=$(git -C "$repo" rev-parse HEAD)
	echo more > "$repo/more"
	git -C "$repo" add -A
	commit two
	fresh
	expr="builtins.fetchGit { url = \"file://$repo\"; rev = \"$rev\"; ref = \"main\"; }"
	all="let r = $expr; in { path = \"\${r}\"; inherit (r) rev shortRev revCount lastModified lastModifiedDate narHash submodules; }"
	eval_ --json -E "$all" > "$work/ours" || fail fetchGit
	path=$(eval_ --json -E "\"\${$expr}\"" | tr -d '"')
	diff -r --no-dereference "$work/src-1.0" "$work/cache/straylight/nix/store/${path#/nix/store/}"
	[ "$(eval_ -E "(import (builtins.fetchGit { url = $repo; rev = \"$rev\"; })).answer")" = 42 ] || fail 'a path is a repository'
	if command -v nix-instantiate > /dev/null; then
		NIX_STATE_DIR=$work/state NIX_LOG_DIR=$work/log.nix NIX_CONF_DIR=$work/conf nix-instantiate --eval --strict --json \
			--store "$work/root" -E "$all" > "$work/theirs" 2> "$work/err" || fail 'fetchGit of Nix'
		[ "$(cat "$work/ours")" = "$(cat "$work/theirs")" ] || { cat "$work/ours" "$work/theirs"; fail 'fetchGit is as that of Nix'; }
	fi
	# Without a commit: what the branch is at, and what lies in the folder; the repository stays as it is.
	as_nix() {
		all="let r = $1; in { path = \"\${r}\"; inherit (r) rev shortRev revCount lastModified narHash; }"
		eval_ --json -E "$all" > "$work/ours.now" || fail "$1"
		command -v nix-instantiate > /dev/null || return 0
		NIX_STATE_DIR=$work/state NIX_LOG_DIR=$work/log.nix NIX_CONF_DIR=$work/conf nix-instantiate --eval --strict --json \
			--store "$work/root" -E "$all" > "$work/theirs.now" 2> "$work/err" || fail "$1, of Nix"
		[ "$(cat "$work/ours.now")" = "$(cat "$work/theirs.now")" ] || { cat "$work/ours.now" "$work/theirs.now"; fail "$1 is as that of Nix"; }
	}
	git -C "$repo" branch other "$rev"
	as_nix "builtins.fetchGit $repo"
	as_nix "builtins.fetchGit { url = $repo; ref = \"other\"; }"
	grep -q "$rev" "$work/ours.now" || fail 'a branch is a commit'
	echo changed >> "$repo/more"
	echo untracked > "$repo/untracked"
	echo staged > "$repo/staged"
	git -C "$repo" add staged
	before=$(find "$repo/.git" -type f | sort | xargs cat | sha256sum)
	eval_ -E "(builtins.fetchGit $repo).rev" > "$work/rev" || fail 'what is not committed'
	[ "$(cat "$work/rev")" = '"0000000000000000000000000000000000000000"' ] || fail 'what is not committed has no commit'
	[ "$(find "$repo/.git" -type f | sort | xargs cat | sha256sum)" = "$before" ] || fail 'the repository stays as it is'
	as_nix "builtins.fetchGit $repo"
	as_nix "builtins.fetchGit { url = $repo; ref = \"main\"; }"
	refuses "the branch nowhere" -E "builtins.fetchGit { url = $repo; ref = \"nowhere\"; }"
	refuses 'the network is off' --offline -E "builtins.fetchGit { url = \"$url/ok/bare.git\"; ref = \"main\"; }"
	all="let r = $expr; in { path = \"\${r}\"; inherit (r) rev shortRev revCount lastModified lastModifiedDate narHash submodules; }"
	mv "$repo" "$repo.gone"
	[ "$(eval_ --offline --json -E "$all")" = "$(cat "$work/ours")" ] || fail 'a commit is known'
	refuses 'the branch HEAD' -E "builtins.fetchGit $repo"
	refuses 'is no commit' -E "builtins.fetchGit { url = $repo; rev = \"main\"; }"
	refuses 'cannot be fetched' -E "builtins.fetchGit { url = \"$repo.gone\"; rev = \"${rev%?????}00000\"; }"
	refuses 'cannot be fetched' -E "builtins.fetchGit { url = \"$url/ok/none.git\"; rev = \"${rev%?????}00000\"; }"
	refuses 'the network is off' --offline -E "builtins.fetchGit { url = \"$url/ok/none.git\"; rev = \"${rev%?????}00000\"; }"
	refuses 'cannot be fetched' -E "builtins.fetchGit { url = \"ext::sh -c true\"; rev = \"${rev%?????}00000\"; }"
	# From a server: the dumb protocol serves a bare copy as files.
	git clone -q --bare "$repo.gone" "$work/www/bare.git"
	git -C "$work/www/bare.git" update-server-info
	rm -rf "$work/cache/straylight/ac/sha256/git"
	[ "$(eval_ --json -E "(builtins.fetchGit { url = \"$url/ok/bare.git\"; ref = \"other\"; }).rev")" = "\"$rev\"" ] || fail 'a branch of a server'
	[ "$(eval_ --json -E "(builtins.fetchGit { url = \"$url/ok/bare.git\"; rev = \"$rev\"; }).narHash")" = \
		"$(grep -o '"narHash":"[^"]*"' "$work/ours" | cut -d: -f2)" ] || fail 'a commit from a server'
fi
echo 'fetching goes on, is remembered, and is refused in words'
