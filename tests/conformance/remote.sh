#!/bin/sh
# The standard's tests with the hosts that they name:   tests/conformance/remote.sh DRIVER
# The hosts are one server (remote.py) on the loopback of a network namespace; /etc/hosts of a mount
# namespace leads to it, and SSL_CERT_FILE makes its certificate trusted.  Where that cannot be set up it says
# why, and the driver gets --no-hosts; without the standard's tests it ends with 77.
set -eu
here=$(dirname "$(realpath "$0")")
corpus=$(realpath -m "${STRAYLIGHT_CORPUS:-../shared/corpus}")/dhall-lang
driver=$(realpath "$1")
[ -d "$corpus/tests" ] || { echo "skipped: there is no $corpus/tests"; exit 77; }

# Why there can be no hosts; nothing when there can.
lacks() {
	for tool in python3 openssl unshare; do
		command -v $tool > /dev/null || { echo "there is no $tool"; return; }
	done
	unshare -rnm sh -c 'mount --bind /etc/hostname /etc/hosts' 2> /dev/null || echo "unshare -rnm is refused"
}

hosted=${REMOTE_INSIDE:-}
if [ -z "$hosted" ]; then
	lacking=$(lacks)
	[ -n "$lacking" ] || REMOTE_INSIDE=1 exec unshare -rnm "$0" "$@"
	echo "without remote hosts: $lacking"
fi

work=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill $server; chmod -R u+w "$work"; rm -rf "$work"' EXIT

serve() {
	hosts="test.dhall-lang.org raw.githubusercontent.com prelude.dhall-lang.org httpbin.org example.com"
	echo "127.0.0.1 localhost $hosts" > "$work/hosts"
	mount --bind "$work/hosts" /etc/hosts
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=test \
		-addext "subjectAltName=DNS:$(echo $hosts | sed 's/ /,DNS:/g')" \
		-keyout "$work/key.pem" -out "$work/cert.pem" 2> "$work/openssl.log" || { cat "$work/openssl.log"; exit 1; }
	python3 "$here/remote.py" "$corpus" "$work/cert.pem" "$work/key.pem" "$work/ready" &
	server=$!
	tries=0
	until [ -f "$work/ready" ]; do
		kill -0 $server 2> /dev/null || { server=; echo "the server did not start"; exit 1; }
		tries=$((tries + 1))
		[ $tries -lt 200 ] || { echo "the server is not ready after 20 s"; exit 1; }
		sleep 0.1
	done
}
[ -z "$hosted" ] || serve

# The tests' cache is copied, because imports are remembered in it; names in them begin with ./dhall-lang.
cp -R "$corpus/tests/import/cache" "$work/cache"
chmod -R u+w "$work/cache"
ln -s "$corpus" "$work/dhall-lang"
cd "$work"
export SSL_CERT_FILE="$work/cert.pem" XDG_CACHE_HOME="$work/cache" HOME="$corpus/tests/import/home" DHALL_TEST_VAR="6 * 7"
export STRAYLIGHT_CORPUS=.
unset XDG_CONFIG_HOME DHALL_HEADERS http_proxy https_proxy HTTP_PROXY HTTPS_PROXY all_proxy ALL_PROXY
if [ -n "$hosted" ]; then "$driver"; else "$driver" --no-hosts; fi
