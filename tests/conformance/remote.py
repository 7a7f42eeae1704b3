#!/usr/bin/env python3
"""The hosts that the standard's import tests speak to, as those tests expect them.

tests/conformance/remote.py CORPUS CERTIFICATE KEY READY-FILE

Listens on 127.0.0.1:443 and 80 of its network namespace, whose loopback it brings up."""
import fcntl
import http.server
import os
import re
import secrets
import socket
import ssl
import struct
import sys
import threading

CORPUS, CERTIFICATE, KEY, READY = sys.argv[1:]
RAW = "https://raw.githubusercontent.com/dhall-lang/dhall-lang/5ff7ecd2411894dd9ce307dc23020987361d2d43/tests/import/data/cors/"

# host and path | what Access-Control-Allow-Origin says (None: no such header) | body
TABLE = {
    "test.dhall-lang.org/cors/AllowedAll.dhall": ("*", "42"),
    "test.dhall-lang.org/cors/OnlyGithub.dhall": ("https://raw.githubusercontent.com", "42"),
    "test.dhall-lang.org/cors/OnlySelf.dhall": ("https://test.dhall-lang.org", "42"),
    "test.dhall-lang.org/cors/OnlyOther.dhall": ("https://example.com", "42"),
    "test.dhall-lang.org/cors/Empty.dhall": ("", "42"),
    "test.dhall-lang.org/cors/Null.dhall": ("null", "42"),
    "test.dhall-lang.org/cors/NoCORS.dhall": (None, "42"),
    "test.dhall-lang.org/cors/SelfImportAbsolute.dhall": ("*", "https://test.dhall-lang.org/cors/NoCORS.dhall"),
    "test.dhall-lang.org/cors/SelfImportRelative.dhall": ("*", "./NoCORS.dhall"),
    "test.dhall-lang.org/cors/TwoHopsFail.dhall": (None, RAW + "OnlySelf.dhall"),
    "test.dhall-lang.org/cors/TwoHopsSuccess.dhall": (None, RAW + "OnlyGithub.dhall"),
    # the revision that is named there reads another variable than the corpus does now
    "raw.githubusercontent.com/Nadrieril/dhall-rust/f7d8c64a9799f139ad65427c2518376adb9e2e2f/dhall/tests/import/success/unit/asLocation/EnvA.dhall": ("*", "env:HOME as Location"),
    "test.dhall-lang.org/foo": (None, "./bar"),
    "test.dhall-lang.org/bar": (None, "True"),
}
NEED_TEST_HEADER = {"test.dhall-lang.org/foo", "test.dhall-lang.org/bar"}

# What these hosts serve is in the corpus.
FILES = [
    (r"raw\.githubusercontent\.com/dhall-lang/dhall-lang/[^/]+/(tests/.*)", r"\1"),
    (r"raw\.githubusercontent\.com/Nadrieril/dhall-rust/[^/]+/dhall/(tests/.*)", r"\1"),
    (r"prelude\.dhall-lang\.org/(List/length)", r"Prelude/\1.dhall"),
]


def answer(place, headers):
    if place in NEED_TEST_HEADER and "Test" not in headers:
        return None
    if place in TABLE:
        return TABLE[place]
    if place == "httpbin.org/user-agent":
        return ("*", '{\n  "user-agent": "%s"\n}\n' % headers.get("User-Agent", ""))
    if place == "test.dhall-lang.org/random-string":  # another one for each request
        return ("*", secrets.token_hex(16))
    for pattern, path in FILES:
        match = re.fullmatch(pattern, place)
        path = match and os.path.join(CORPUS, match.expand(path))
        if path and os.path.isfile(path):
            with open(path, encoding="utf-8") as f:
                return ("*", f.read())
    return None


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        found = answer(self.headers.get("Host", "").split(":")[0] + self.path, self.headers)
        body = (found[1] if found else "not here").encode()
        self.send_response(200 if found else 404)
        if found and found[0] is not None:
            self.send_header("Access-Control-Allow-Origin", found[0])
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def loopback_up():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        request = struct.pack("16sH14s", b"lo", 0x1 | 0x40, b"")  # IFF_UP, IFF_RUNNING
        fcntl.ioctl(s, 0x8914, request)  # SIOCSIFFLAGS


loopback_up()
plain = http.server.ThreadingHTTPServer(("127.0.0.1", 80), Handler)
secure = http.server.ThreadingHTTPServer(("127.0.0.1", 443), Handler)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(CERTIFICATE, KEY)
secure.socket = context.wrap_socket(secure.socket, server_side=True)
threading.Thread(target=plain.serve_forever, daemon=True).start()
open(READY, "w").close()
secure.serve_forever()
