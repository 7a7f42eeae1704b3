"""Serves a folder on 127.0.0.1 with faults:   faulty-server.py FOLDER LOG

Prints its port.  The first part of a path is the fault, the rest the file:
/ok/F  as it is · /cut/F  the first answer ends in the middle · /busy/F  the first answer is 503 · /down/F  503 always
/short/F  always without its last byte, and says so · /flip/F  with one byte that is another · /moved/F  a redirect to /ok/F
Each request is a line of LOG: its path, and the range that it asks for.
"""
import http.server
import os
import re
import sys
import urllib.parse

folder, log = sys.argv[1:]
seen = set()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def plain(self, status, headers=()):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_GET(self):
        path = urllib.parse.unquote(self.path.split("?")[0])
        fault, _, name = path.lstrip("/").partition("/")
        first = path not in seen
        seen.add(path)
        wanted = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        with open(log, "a") as out:
            print(path, wanted.group(1) if wanted else "-", file=out)
        if fault == "moved":
            return self.plain(302, [("Location", "/ok/" + name)])
        if fault == "down" or (fault == "busy" and first):
            return self.plain(503, [("Retry-After", "0")])
        try:
            with open(os.path.join(folder, name), "rb") as f:
                body = f.read()
        except OSError:
            return self.plain(404)
        if fault == "flip":
            body = body[:-9] + bytes([body[-9] ^ 1]) + body[-8:]
        if fault == "short":
            body = body[:-1]
        at = int(wanted.group(1)) if wanted else 0
        if at > len(body):
            return self.plain(416)
        self.send_response(206 if wanted else 200)
        if wanted:
            self.send_header("Content-Range", f"bytes {at}-{len(body) - 1}/{len(body)}")
        self.send_header("ETag", '"one"')
        self.send_header("Content-Length", str(len(body) - at))
        self.end_headers()
        if fault == "cut" and first:
            self.wfile.write(body[at : at + (len(body) - at) // 2])
            self.close_connection = True
            return
        self.wfile.write(body[at:])


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_address[1], flush=True)
server.serve_forever()
