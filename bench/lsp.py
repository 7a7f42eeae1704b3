"""`straylight dhall lsp` over its protocol: from a keystroke to what the editor shows."""
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import tempfile
import time

LIMIT = 20  # ms, from a keystroke to its answer
KEYS = 20   # keystrokes of which the median is one figure


class Server:
    def __init__(self, program, folder):
        env = {**os.environ, "XDG_CACHE_HOME": folder + "/cache"}
        self.process = subprocess.Popen([str(program), "dhall", "lsp"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=env)
        self.ids, self.versions, self.texts = 0, {}, {}
        self.request("initialize", {"capabilities": {"general": {"positionEncodings": ["utf-8"]}}})
        self.send({"method": "initialized", "params": {}})

    def send(self, message):
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self.process.stdin.flush()

    def read(self):
        length = int(self.process.stdout.readline().split(b":")[1])
        self.process.stdout.readline()
        return json.loads(self.process.stdout.read(length))

    def request(self, method, params):
        self.ids += 1
        self.send({"id": self.ids, "method": method, "params": params})
        while True:
            message = self.read()
            if message.get("id") == self.ids:
                return message["result"]

    def published(self, path, version=None):
        while True:
            message = self.read()
            if message.get("method") != "textDocument/publishDiagnostics" or message["params"]["uri"] != "file://" + path:
                continue
            if version in (None, message["params"]["version"]):
                return message["params"]["diagnostics"]

    def open(self, path):
        self.texts[path] = pathlib.Path(path).read_text()
        self.versions[path] = 1
        self.send({"method": "textDocument/didOpen", "params": {"textDocument": {
            "uri": "file://" + path, "languageId": "dhall", "version": 1, "text": self.texts[path]}}})
        errors = [d for d in self.published(path) if d["severity"] == 1]
        if errors:
            raise SystemExit(f"{path}: {errors[0]['message']}")

    def key(self, path, line, character, text, length=0):
        """One change; the range is on one line."""
        self.versions[path] += 1
        end = {"line": line, "character": character + length}
        self.send({"method": "textDocument/didChange", "params": {
            "textDocument": {"uri": "file://" + path, "version": self.versions[path]},
            "contentChanges": [{"range": {"start": {"line": line, "character": character}, "end": end}, "text": text}]}})

    def stop(self):
        self.request("shutdown", None)
        self.send({"method": "exit"})
        self.process.wait()


def ms(began):
    return (time.monotonic() - began) * 1000


def typing(server, path, shown, line):
    """Writes and removes a digit at the end of a line; until the diagnostics of `shown` come."""
    column = len(pathlib.Path(path).read_text().split("\n")[line].encode())
    times = []
    for n in range(KEYS):
        began = time.monotonic()
        if n % 2 == 0:
            server.key(path, line, column, "1")
        else:
            server.key(path, line, column, "", 1)
        server.published(shown, server.versions[shown])
        times.append(ms(began))
    return statistics.median(times)


def asking(server, method, path, line, character):
    times = []
    for _ in range(KEYS):
        began = time.monotonic()
        found = server.request("textDocument/" + method, {"textDocument": {"uri": "file://" + path},
                                                          "position": {"line": line, "character": character}})
        if not found:
            raise SystemExit(f"{method} in {path} found nothing")
        times.append(ms(began))
    return statistics.median(times)


def long_file(folder, prelude, lines=1000):
    """A file of so many lines that uses the Prelude all over; its last binding is a number."""
    path = os.path.join(folder, "long.dhall")
    out = [f"let Prelude = {prelude}", ""]
    i = 0
    while len(out) < lines - 6:
        out += [f"let f{i} : Natural -> Text =",
                f"      \\(n : Natural) -> Prelude.Natural.show (n + {i})",
                f"let r{i} = {{ name = \"service-{i}\", port = {8000 + i}, tags = Prelude.List.map Natural Text f{i} [ 1, 2, {i} ] }}",
                f"let check{i} = assert : Prelude.Natural.lessThan {i} {i + 1} === True", ""]
        i += 1
    out += ["let number =", "      4", f"in  {{ rows = [ {', '.join(f'r{k}' for k in range(i))} ]", "    , number", "    }", ""]
    pathlib.Path(path).write_text("\n".join(out))
    return path, len(out) - 5


def rows(bench):
    program = bench.build("straylight") / "src" / "cmd" / "straylight"
    corpus = pathlib.Path(os.environ.get("STRAYLIGHT_CORPUS", bench.root.parent / "shared" / "corpus"))
    source = corpus / "dhall-lang" / "Prelude"
    if not source.exists():
        print(f"skipped: no '{source}' (STRAYLIGHT_CORPUS)")
        return []
    out = []
    with tempfile.TemporaryDirectory(prefix="bench-lsp-") as folder:
        folder = os.path.realpath(folder)
        prelude = os.path.join(folder, "Prelude")
        shutil.copytree(source, prelude)
        server = Server(program, folder)
        package, render, leaf = (os.path.join(prelude, f) for f in ("package.dhall", "JSON/renderAs.dhall", "Bool/not.dhall"))
        path, line = long_file(folder, package)
        for f in (path, package, render, leaf):
            server.open(f)
        middle = [n for n, text in enumerate(server.texts[path].split("\n")) if text.startswith("let check")][100]
        last = len(server.texts[leaf].split("\n")) - 1
        cases = {
            "1,000 lines over the Prelude, key to diagnostics": lambda: typing(server, path, path, line),
            "the same, hover at its end": lambda: asking(server, "hover", path, line + 2, 9),
            "the same, completion at its end": lambda: asking(server, "completion", path, line + 1, 15),
            "the same, key that makes an error in its middle": lambda: typing(server, path, path, middle),
            "Prelude/JSON/renderAs (458 lines), key to diagnostics": lambda: typing(
                server, render, render, len(server.texts[render].split("\n")) - 1),
            "Prelude/package, key to diagnostics": lambda: typing(
                server, package, package, len(server.texts[package].split("\n")) - 1),
            "a file of the Prelude, key to its importer's diagnostics": lambda: typing(server, leaf, package, last),
        }
        got = bench.interleaved(lambda: {case: measure() for case, measure in cases.items()})[0]
        for case, value in got.items():
            out.append(Row(case, value, "ms", "limit", LIMIT, 1))
        server.stop()
    return out
