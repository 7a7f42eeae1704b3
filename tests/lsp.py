#!/usr/bin/env python3
"""The language server over its real protocol:   tests/lsp.py BINARY SESSION…

A session is a text of steps.  "== COMMAND ARGUMENTS" begins one; the lines below it are its text, or what is
expected.  A ‹name› in a text of a document marks a place and is not part of it.

  == option utf-8 | no-resolve          (before all others) what the client can do
  == file NAME                          a file on disk, or what it is from now on
  == open NAME                          didOpen with the text
  == change NAME                        didChange with the whole text
  == edit NAME MARK[..MARK]             didChange of that range; marks behind it are moved
  == save NAME, == close NAME, == touched NAME
  == diagnostics NAME                   what was published last: RANGE CODE MESSAGE, related places below
  == hover NAME MARK                    the text, then its range
  == definition|references|highlight NAME MARK
  == prepare NAME MARK, == rename NAME MARK NEW      the text as it will be
  == complete NAME MARK [PREFIX]        LABEL : DETAIL, of those that begin with the prefix ("*": all)
  == symbols NAME, == links NAME, == format NAME
  == actions NAME MARK [KIND]           titles, and below each the text as it will be
  == raw                                bytes for the server (\\r \\n \\xNN); a line "--", then what comes back
  == exit                               the exit code

STRAYLIGHT_ACCEPT=1 takes what comes for what is expected.
"""
import json
import os
import pathlib
import re
import select
import subprocess
import sys
import tempfile

TIMEOUT = 60
QUIET = 0.5 if os.environ.get("STRAYLIGHT_ACCEPT") else 5  # s after which no diagnostics are taken to come
MARK = re.compile("‹([^›]*)›")


class Client:
    def __init__(self, binary, folder):
        env = {**os.environ, "XDG_CACHE_HOME": folder + "/.cache", "HOME": folder, "LSP_TEST_VARIABLE": "1"}
        self.process = subprocess.Popen([binary, "-C", folder, "dhall", "lsp"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        env=env)
        self.next, self.published, self.asked, self.got = 0, {}, [], b""

    def write(self, data):
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def send(self, message):
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)

    def more(self, seconds):
        """Reads what there is; false when nothing comes for so long."""
        pipe = self.process.stdout.fileno()
        if not select.select([pipe], [], [], seconds)[0]:
            return False
        piece = os.read(pipe, 1 << 16)
        if not piece:
            raise EOFError("the server went away")
        self.got += piece
        return True

    def read(self, seconds=TIMEOUT):
        """The next message; None when none comes for so long."""
        while True:
            head, end, rest = self.got.partition(b"\r\n\r\n")
            length = int(head.split(b":")[1]) if end else 0
            if end and len(rest) >= length:
                break
            if not self.more(seconds):
                if seconds == TIMEOUT:
                    raise TimeoutError("the server does not answer")
                return None
        self.got = rest[length:]
        message = json.loads(rest[:length])
        if message.get("method") == "textDocument/publishDiagnostics":
            self.published[message["params"]["uri"]] = message["params"]
        elif "method" in message:
            self.asked.append(message)
            self.send({"id": message["id"], "result": None})
        return message

    def request(self, method, params):
        self.next += 1
        self.send({"id": self.next, "method": method, "params": params})
        return self.answer(self.next)

    def answer(self, number):
        while True:
            message = self.read()
            if "method" not in message and message.get("id") == number:
                return message

    def notify(self, method, params):
        self.send({"method": method, "params": params})


class Session:
    def __init__(self, path, binary, folder):
        self.path, self.folder = path, folder
        self.client = Client(binary, folder)
        self.text, self.marks, self.version = {}, {}, {}
        self.utf8, self.resolves = False, True

    # ---- places ----

    def uri(self, name):
        return name if ":" in name else "file://" + self.folder + "/" + name

    def short(self, text):
        return text.replace("file://" + self.folder + "/", "").replace(self.folder + "/", "")

    def units(self, s):
        return len(s.encode()) if self.utf8 else len(s.encode("utf-16-le")) // 2

    def position(self, name, at):
        before = self.text[name][:at]
        line = before.rsplit("\n", 1)[-1]
        return {"line": before.count("\n"), "character": self.units(line)}

    def offset(self, text, position):
        at = 0
        for _ in range(position["line"]):
            at = text.index("\n", at) + 1
        left = position["character"]
        while left > 0:
            left -= self.units(text[at])
            at += 1
        return at

    def mark(self, name, mark):
        return self.position(name, self.marks[name][mark])

    def take(self, name, body):
        text, marks, at = "", {}, 0
        for m in MARK.finditer(body):
            text += body[at:m.start()]
            marks[m.group(1)] = len(text)
            at = m.end()
        self.text[name], self.marks[name] = text + body[at:], marks

    def document(self, name):
        return {"textDocument": {"uri": self.uri(name)}}

    def at(self, name, mark):
        return {**self.document(name), "position": self.mark(name, mark)}

    @staticmethod
    def range(r):
        return "%d:%d-%d:%d" % (r["start"]["line"], r["start"]["character"], r["end"]["line"], r["end"]["character"])

    def place(self, p):
        return "%s %s" % (self.short(p["uri"]), self.range(p["range"]))

    def edited(self, name, edits):
        text = self.text[name]
        for e in sorted(edits, key=lambda e: self.offset(text, e["range"]["start"]), reverse=True):
            lo, hi = (self.offset(text, e["range"][k]) for k in ("start", "end"))
            text = text[:lo] + e["newText"] + text[hi:]
        return text

    # ---- steps ----

    def start(self):
        capabilities = {"general": {"positionEncodings": ["utf-8", "utf-16"] if self.utf8 else ["utf-16"]},
                        "workspace": {"didChangeWatchedFiles": {"dynamicRegistration": True}}}
        if self.resolves:
            capabilities["textDocument"] = {"codeAction": {"resolveSupport": {"properties": ["edit"]}}}
        answer = self.client.request("initialize", {"processId": None, "rootUri": self.uri(""), "capabilities": capabilities})
        encoding = answer["result"]["capabilities"]["positionEncoding"]
        assert encoding == ("utf-8" if self.utf8 else "utf-16"), encoding
        self.client.notify("initialized", {})

    def result(self, method, params):
        answer = self.client.request("textDocument/" + method, params)
        if "error" in answer:
            return None, "error %d: %s\n" % (answer["error"]["code"], self.short(answer["error"]["message"]))
        return answer["result"], None

    def run(self, command, arguments, body):
        """What is to stand below the step."""
        step = getattr(self, "do_" + command.replace("-", "_"))
        return step(body, *arguments)

    def do_file(self, body, *words):
        path = pathlib.Path(self.folder, " ".join(words))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(body)
        return body

    def do_open(self, body, name):
        self.take(name, body)
        self.version[name] = 1
        item = {"uri": self.uri(name), "languageId": "dhall", "version": 1, "text": self.text[name]}
        self.client.notify("textDocument/didOpen", {"textDocument": item})
        return body

    def changed(self, name, change):
        self.version[name] += 1
        self.client.notify("textDocument/didChange", {
            "textDocument": {"uri": self.uri(name), "version": self.version[name]}, "contentChanges": [change]})

    def do_change(self, body, name):
        self.take(name, body)
        self.changed(name, {"text": self.text[name]})
        return body

    def do_edit(self, body, name, where):
        lo, hi = (self.marks[name][m] for m in (where.split("..") * 2)[:2])
        new = body[:-1]
        self.changed(name, {"range": {"start": self.position(name, lo), "end": self.position(name, hi)}, "text": new})
        self.text[name] = self.text[name][:lo] + new + self.text[name][hi:]
        for m, at in self.marks[name].items():
            if at >= hi and at != lo:
                self.marks[name][m] = at + len(new) - (hi - lo)
        self.marks[name]["end"] = lo + len(new)
        return body

    def do_save(self, body, name):
        self.client.notify("textDocument/didSave", self.document(name))
        return body

    def do_touched(self, body, name):
        self.client.notify("workspace/didChangeWatchedFiles", {"changes": [{"uri": self.uri(name), "type": 2}]})
        return body

    def do_close(self, body, name):
        self.client.notify("textDocument/didClose", self.document(name))
        return body

    def published(self, name):
        out = ""
        for d in self.client.published.get(self.uri(name), {}).get("diagnostics", []):
            out += "%s %s %s%s\n" % (self.range(d["range"]), d["code"], d["message"].replace("\n", "\n  | "),
                                     " (unnecessary)" if d.get("tags") == [1] else "")
            for r in d.get("relatedInformation", []):
                out += "  -> %s %s\n" % (self.place(r["location"]), r["message"])
        return self.short(out)

    def do_diagnostics(self, body, name):
        """They come when the server has time for it: what is expected may be waited for."""
        quiet = False
        while not quiet:
            current = self.client.published.get(self.uri(name), {}).get("version") in (None, self.version.get(name))
            if current and self.published(name) == body and not os.environ.get("STRAYLIGHT_ACCEPT"):
                break
            quiet = self.client.read(QUIET) is None
        return self.published(name)

    def do_hover(self, body, name, mark):
        found, error = self.result("hover", self.at(name, mark))
        return error or (self.short(found["contents"]["value"]) + self.range(found["range"]) + "\n" if found else "")

    def do_definition(self, body, name, mark):
        found, error = self.result("definition", self.at(name, mark))
        return error or (self.place(found) + "\n" if found else "")

    def do_references(self, body, name, mark):
        params = {**self.at(name, mark), "context": {"includeDeclaration": True}}
        found, error = self.result("references", params)
        return error or "".join(self.place(p) + "\n" for p in found)

    def do_highlight(self, body, name, mark):
        found, error = self.result("documentHighlight", self.at(name, mark))
        return error or "".join("%s %d\n" % (self.range(h["range"]), h["kind"]) for h in found)

    def do_prepare(self, body, name, mark):
        found, error = self.result("prepareRename", self.at(name, mark))
        return error or (self.range(found) + "\n" if found else "")

    def do_rename(self, body, name, mark, new):
        found, error = self.result("rename", {**self.at(name, mark), "newName": new})
        return error or self.edited(name, found["changes"][self.uri(name)])

    def do_complete(self, body, name, mark, prefix=""):
        found, error = self.result("completion", self.at(name, mark))
        if error:
            return error
        out = ""
        for i in sorted(found, key=lambda i: i["sortText"]):
            edit = i["textEdit"]
            typed = self.text[name][self.offset(self.text[name], edit["range"]["start"]):self.marks[name][mark]]
            if i["label"].startswith(typed if prefix == "" else "" if prefix == "*" else prefix):
                out += i["label"] + (" : " + i["detail"] if "detail" in i else "")
                out += " [%s]\n" % edit["newText"] if edit["newText"] != i["label"] else "\n"
        return out

    def do_symbols(self, body, name):
        found, error = self.result("documentSymbol", self.document(name))

        def lines(symbols, indent):
            for s in symbols:
                yield "%s%s %d %s\n" % (indent, s["name"], s["kind"], self.range(s["selectionRange"]))
                yield from lines(s["children"], indent + "  ")
        return error or "".join(lines(found, ""))

    def do_links(self, body, name):
        found, error = self.result("documentLink", self.document(name))
        return error or "".join("%s %s\n" % (self.range(i["range"]), self.short(i["target"])) for i in found)

    def do_format(self, body, name):
        found, error = self.result("formatting", {**self.document(name), "options": {"tabSize": 2, "insertSpaces": True}})
        return error or self.edited(name, found)

    def do_actions(self, body, name, mark, kind=None):
        place = self.mark(name, mark)
        params = {**self.document(name), "range": {"start": place, "end": place}, "context": {"diagnostics": []}}
        if kind:
            params["context"]["only"] = [kind]
        found, error = self.result("codeAction", params)
        out = ""
        for a in found or []:
            if "edit" not in a:
                a = self.client.request("codeAction/resolve", a)
                a = a.get("result") or {"title": a["error"]["message"], "kind": "error", "edit": None}
            out += "%s (%s)\n" % (self.short(a["title"]), a["kind"])
            if a["edit"]:
                text = self.edited(name, a["edit"]["changes"][self.uri(name)])
                out += "".join("    " + line + "\n" for line in text.splitlines())
        return error or out

    def do_raw(self, body):
        sent = body.split("--\n")[0]
        data = re.sub(r"\\(r|n|x..)", lambda m: {"r": "\r", "n": "\n"}.get(m[1]) or chr(int(m[1][1:], 16)),
                      sent.replace("\n", ""))
        data = re.sub("«(.*?)»", lambda m: "Content-Length: %d\r\n\r\n%s" % (len(m[1]), m[1]), data)
        self.client.write(data.encode("latin-1"))
        self.client.next += 1
        self.client.send({"id": self.client.next, "method": "test/end", "params": None})
        out = ""
        while True:
            message = self.client.read()
            if message.get("id") == self.client.next:
                return sent + "--\n" + out
            if "method" not in message:
                out += self.short(json.dumps({k: v for k, v in message.items() if k != "jsonrpc"})) + "\n"

    def do_exit(self, body, shutdown="shutdown"):
        if shutdown == "shutdown":
            self.client.request("shutdown", None)
        if shutdown != "eof":
            self.client.notify("exit", None)
        self.client.process.stdin.close()
        return "%d\n" % self.client.process.wait(TIMEOUT)


def steps_of(text):
    for part in re.split(r"(?m)^== ", text)[1:]:
        head, _, body = part.partition("\n")
        yield head, body


def run_session(path, binary):
    text = path.read_text()
    out = text[:text.index("== ")]
    started = False
    with tempfile.TemporaryDirectory() as folder:
        session = Session(path, binary, os.path.realpath(folder))
        try:
            for head, body in steps_of(text):
                command, *arguments = head.split()
                if command == "option":
                    session.utf8 |= arguments == ["utf-8"]
                    session.resolves &= arguments != ["no-resolve"]
                    out += "== %s\n%s" % (head, body)
                    continue
                if not started and command not in ("raw", "exit"):
                    session.start()
                    started = True
                # an empty line before the next step is only for the eye
                gap = "\n" if body.endswith("\n\n") or body == "\n" else ""
                out += "== %s\n%s%s" % (head, session.run(command, arguments, body[:len(body) - len(gap)]), gap)
        finally:
            session.client.process.kill()
            session.client.process.wait()
    return text, out


def main():
    binary, failed = os.path.realpath(sys.argv[1]), 0
    sessions = [pathlib.Path(a) for a in sys.argv[2:]] or sorted(pathlib.Path(__file__).with_suffix("").glob("*.session"))
    for path in sessions:
        text, out = run_session(path, binary)
        if text == out:
            continue
        if os.environ.get("STRAYLIGHT_ACCEPT"):
            path.write_text(out)
            continue
        failed += 1
        print(path.name)
        subprocess.run(["diff", "-u", str(path), "-"], input=out.encode())
    print("%d sessions, %d failed" % (len(sessions), failed))
    return 1 if failed or not sessions else 0


if __name__ == "__main__":
    sys.exit(main())
