# What the end-to-end tests share.  Sourced; $1 is the binary.  Each test runs in a folder of its own with a home and a
# cache of its own, and ends with the first thing that is not as it should be.
set -eu
straylight=$(realpath "$1")
tests=$(dirname "$(realpath "$0")")
examples=$(realpath "$tests/../../examples")
work=$(mktemp -d)
trap 'chmod -R u+w "$work" 2>/dev/null; rm -rf "$work"' EXIT
cd "$work"
export HOME="$work/home" XDG_CACHE_HOME="$work/cache" LC_ALL=C.UTF-8 TERM=dumb
unset STRAYLIGHT_PRELUDE STRAYLIGHT_FAIL_ALLOC XDG_CONFIG_HOME
mkdir home cache

fail() {
	echo "failed: $*" >&2
	exit 1
}

# same WHAT WANTED GOT
same() {
	[ "$2" = "$3" ] || fail "$1: wanted '$2', got '$3'"
}

# workspace NAME: a copy of examples/hello, whose compiler is captured once.
workspace() {
	cp -R "$examples/hello" "$1"
	if [ -d "$work/toolchains" ]; then
		mkdir "$1/.straylight"
		cp -R "$work/toolchains" "$1/.straylight/toolchains"
	else
		"$straylight" -C "$1" query actions //... -q > /dev/null
		cp -R "$1/.straylight/toolchains" "$work/toolchains"
	fi
}

# ran [OPTION…]: builds everything in the current folder; the names of the actions that ran, sorted, each with a ";".
ran() {
	"$straylight" build --mode=release "$@" //... > "$work/paths" 2> "$work/messages" || {
		cat "$work/messages" >&2
		fail "the build"
	}
	sed -n 's/^\[[0-9/]*\] \(.*\) ([^)]*)$/\1/p' "$work/messages" | sort | tr '\n' ';'
}

# outputs FOLDER: every output with its hash.
outputs() {
	(cd "$1/straylight-out" && find . -type f | sort | xargs sha256sum)
}
