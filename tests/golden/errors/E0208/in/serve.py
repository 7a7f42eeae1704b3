"""Serves the folder site on 127.0.0.1 at any port, which it writes to the file port."""
import functools
import http.server

handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory="site")
handler.func.log_message = lambda *_: None
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
with open("port.new", "w") as f:
    f.write(str(server.server_port))
__import__("os").rename("port.new", "port")
server.serve_forever()
