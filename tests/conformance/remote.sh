#!/bin/sh
# The standard's import tests with the hosts that they name:   tests/conformance/remote.sh DRIVER [-v]
# The hosts are one server (remote.py) on the loopback of a network namespace; /etc/hosts of a mount
# namespace leads to it, and SSL_CERT_FILE makes its certificate trusted.  Ends with 77, and says why,
# where that cannot be set up.
set -eu
here=$(dirname "$(realpath "$0")")
corpus=$(realpath -m "${STRAYLIGHT_CORPUS:-../shared/corpus}")/dhall-lang
skip() {
	echo "skipped: $1"
	exit 77
}

if [ -z "${REMOTE_INSIDE:-}" ]; then
	[ -d "$corpus/tests" ] || skip "there is no $corpus/tests"
	for tool in python3 openssl unshare; do
		command -v $tool > /dev/null || skip "there is no $tool"
	done
	unshare -rnm sh -c 'mount --bind /etc/hostname /etc/hosts' 2> /dev/null ||
		skip "no namespaces: unshare -rnm is refused"
	REMOTE_INSIDE=1 exec unshare -rnm "$0" "$@"
fi

work=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill $server; chmod -R u+w "$work"; rm -rf "$work"' EXIT
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

# The tests' cache is copied, because imports are remembered in it; names in them begin with ./dhall-lang.
driver=$(realpath "$1")
shift
cp -R "$corpus/tests/import/cache" "$work/cache"
chmod -R u+w "$work/cache"
ln -s "$corpus" "$work/dhall-lang"
cd "$work"
export SSL_CERT_FILE="$work/cert.pem" XDG_CACHE_HOME="$work/cache" HOME="$corpus/tests/import/home" DHALL_TEST_VAR="6 * 7"
unset XDG_CONFIG_HOME DHALL_HEADERS http_proxy https_proxy HTTP_PROXY HTTPS_PROXY all_proxy ALL_PROXY
"$driver" "$@"
