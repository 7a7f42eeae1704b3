#!/bin/sh
# TLS to a server: authorities, names, dates, client certificates.   remote-tls.sh BINARY RE_SERVER
# An authority of its own signs everything; a small proxy speaks TLS in front of the test server.
binary=$1
if [ -z "${STRAYLIGHT_TEST_RE:-}" ]; then
	exec "$(dirname "$0")/../re/double" "$2" --bwrap -- "$0" "$@"
fi
. "$(dirname "$0")/lib.sh"
tls=$tests/../re/tls.py
pids=
trap 'for pid in $pids; do kill "$pid"; done 2>/dev/null; chmod -R u+w "$work" 2>/dev/null; rm -rf "$work"' EXIT
unset SSL_CERT_FILE SSL_CERT_DIR

authority() { # authority NAME
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout "$1.key" -out "$1.pem" -days 30 \
		-subj "/CN=$1" 2> log || fail "openssl: $(cat log)"
}
# certificate NAME AUTHORITY SUBJECT-ALT-NAME DAYS
certificate() {
	openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout "$1.key" -out "$1.csr" -subj "/CN=$1" 2> log ||
		fail "openssl: $(cat log)"
	echo "subjectAltName=$3" > "$1.ext"
	openssl x509 -req -in "$1.csr" -CA "$2.pem" -CAkey "$2.key" -CAcreateserial -days "$4" -extfile "$1.ext" -out "$1.pem" 2> log ||
		fail "openssl: $(cat log)"
}
# front NAME OPTION…: the proxy with that certificate; its endpoint is $endpoint
front() {
	name=$1
	shift
	: > port
	python3 "$tls" "$name.pem" "$name.key" "$@" "${STRAYLIGHT_TEST_RE#grpc://}" > port 2> proxy.log &
	pids="$pids $!"
	for _ in $(seq 100); do
		[ ! -s port ] || break
		sleep 0.1
	done
	endpoint=grpcs://127.0.0.1:$(cat port)
}

authority ours
authority theirs
certificate good ours IP:127.0.0.1 30
certificate named ours DNS:cache.example 30
certificate expired ours IP:127.0.0.1 -1
certificate client ours DNS:client 30
certificate stranger theirs DNS:client 30

# A server with a good certificate, trusted by the variable.
front good
SSL_CERT_FILE=$work/ours.pem "$straylight" re check --remote="$endpoint" > out 2> err || fail "a good certificate: $(cat out err)"
grep -q "^ok *connection .*, TLS" out || fail "it does not say TLS: $(cat out)"
grep -q "^usable$" out || fail "not usable: $(cat out)"

# bad WHAT TEXT: re check says so and ends with 3.
bad() {
	code=0
	"$straylight" re check --remote="$endpoint" > out 2> err || code=$?
	same "$1" 3 $code
	grep -q "^bad *connection .*$2" out || fail "$1: $(cat out err)"
}
bad "an authority that nobody knows" "certificate"
grep -q "SSL_CERT_FILE" out || fail "no advice: $(cat out)"
export SSL_CERT_FILE="$work/theirs.pem"
bad "another authority" "certificate"
export SSL_CERT_FILE="$work/ours.pem"
good=$endpoint
endpoint=grpc://${good#grpcs://}
bad "no TLS to one that speaks it" ""
endpoint=grpcs://${STRAYLIGHT_TEST_RE#grpc://}
bad "TLS to one that does not speak it" ""
front named
bad "another name" "mismatch"
front expired
bad "an old certificate" "expired"
front good --no-alpn
bad "no HTTP/2" "ALPN"

# What the workspace says: authority, certificate and key of the client.
front good --client-ca=ours.pem
asked=$endpoint
bad "no client certificate" ""
unset SSL_CERT_FILE
workspace one
cp ours.pem client.pem client.key stranger.pem stranger.key one
cd one
remote() { # remote ENDPOINT CERT KEY: into straylight.dhall
	cat > straylight.dhall << END
let S = env:STRAYLIGHT_PRELUDE

in  S.Workspace::{
    , remote = Some
        S.Remote::{ endpoint = "$1", ca = Some "ours.pem", cert = $2, key = $3 }
    }
END
}
remote "$asked" 'Some "client.pem"' 'Some "client.key"'
"$straylight" re check > ../out 2> ../err || fail "a client certificate: $(cat ../out ../err)"
grep -q "^ok *connection .*client certificate" ../out || fail "it does not say so: $(cat ../out)"
"$straylight" build -q --mode=release --require-remote //greet > ../out 2> ../err || fail "a build by TLS: $(cat ../err)"
remote "$asked" 'Some "stranger.pem"' 'Some "stranger.key"'
endpoint=$asked
code=0
"$straylight" re check > ../out 2> ../err || code=$?
same "a stranger's certificate" 3 $code
remote "$asked" 'Some "client.pem"' 'Some "stranger.key"'
code=0
"$straylight" re check > ../out 2> ../err || code=$?
same "a key that does not belong to it" 1 $code
grep -q '^error\[E1002\]' ../err || fail "a key that does not belong to it: $(cat ../err)"
remote "$good" 'None Text' 'None Text'
sed -i 's/ours.pem/absent.pem/' straylight.dhall
"$straylight" re check > ../out 2> ../err && fail "an authority's file that is not there"
grep -q '^error\[E1002\].*absent.pem' ../err || fail "an authority's file that is not there: $(cat ../err)"
echo "passed"
