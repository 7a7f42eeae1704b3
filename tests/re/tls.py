#!/usr/bin/env python3
"""Speaks TLS for a server that does not:   tls.py CERT KEY [--client-ca=FILE] [--no-alpn] HOST:PORT

Prints the port that it listens on, at 127.0.0.1, and passes bytes on until it is ended.
"""
import argparse
import socket
import ssl
import sys
import threading


def pump(source, sink):
    try:
        while True:
            data = source.recv(65536)
            if not data:
                break
            sink.sendall(data)
    except OSError:
        pass
    for end in (source, sink):
        try:
            end.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


def serve(raw, context, target):
    try:
        inside = context.wrap_socket(raw, server_side=True)
        outside = socket.create_connection(target)
    except OSError:
        raw.close()
        return
    threading.Thread(target=pump, args=(outside, inside), daemon=True).start()
    pump(inside, outside)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("cert")
    parser.add_argument("key")
    parser.add_argument("target")
    parser.add_argument("--client-ca")
    parser.add_argument("--no-alpn", action="store_true")
    args = parser.parse_args()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(args.cert, args.key)
    if not args.no_alpn:
        context.set_alpn_protocols(["h2"])
    if args.client_ca:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(args.client_ca)
    host, port = args.target.rsplit(":", 1)
    listener = socket.create_server(("127.0.0.1", 0))
    print(listener.getsockname()[1], flush=True)
    while True:
        raw, _ = listener.accept()
        threading.Thread(target=serve, args=(raw, context, (host, int(port))), daemon=True).start()


sys.exit(main())
