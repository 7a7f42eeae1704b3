#!/usr/bin/env python3
"""Damaged packages through migrate and convert:   damaged.py BINARY [CASES [SEED]]

Each case is a package of the corpus with bytes, tokens, lines or texts changed.  Whatever comes of it: the exit code is 0 or 1, no
sanitizer speaks, nothing is left beside the files, what --fix wrote type-checks, and a second --fix changes nothing.
A case that fails is printed whole; the seed makes it again."""
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile

binary = os.path.realpath(sys.argv[1])
cases = int(sys.argv[2]) if len(sys.argv) > 2 else 120
pick = random.Random(int(sys.argv[3]) if len(sys.argv) > 3 else 1)
here = os.path.dirname(os.path.realpath(__file__))
corpora = [os.path.join(here, "dhall/in"), os.path.join(here, "../golden/lint/dhall/in"), os.path.join(here, "nix")]
bytes_put = [bytes([b]) for b in (0, 1, 9, 10, 34, 36, 39, 92, 96, 123, 125, 0x80, 0xC3, 0xFF)]
tokens_put = [b'""', b"''\n''", b"$out", b"/nix/store/x", b"|", b"<<EOF", b"[]", b"None Text", b"\\", b"..", b"9" * 30]
texts_put = [b'""', b'"\\n"', b'"../.."', b'"/"', b'"a b"', b'" "', b'"."', b'"$(x"', b'"' + b"a" * 5000 + b'"', b'"\\u{0}"']


def token(text):
    parts = re.findall(rb"[A-Za-z_][A-Za-z0-9_'-]*|\d+|\s+|.", text, re.S)
    at = pick.randrange(len(parts))
    parts[at] = pick.choice([b"", parts[pick.randrange(len(parts))], pick.choice(tokens_put)])
    return b"".join(parts)


def line(text):
    lines = text.split(b"\n")
    lines[pick.randrange(len(lines))] = lines[pick.randrange(len(lines))]
    return b"\n".join(lines)


def byte(text):
    at = pick.randrange(len(text))
    return text[:at] + pick.choice(bytes_put) + text[at + pick.randrange(2):]


def literal(text):
    found = list(re.finditer(rb'"[^"\n]*"', text))
    if not found:
        return text[::-1]
    one = pick.choice(found)
    return text[: one.start()] + pick.choice(texts_put) + text[one.end():]


def shell(text):
    found = list(re.finditer(rb"''\n.*?''", text, re.S))
    if not found:
        return text * 2
    one = pick.choice(found)
    body = bytearray(one.group()[3:-2]) or bytearray(b" ")
    for _ in range(3):
        body[pick.randrange(len(body))] = pick.choice(b"|&;<>$`'\"\\(){}[]*?~#=\n \t!")
    return text[: one.start()] + b"''\n" + bytes(body) + b"''" + text[one.end():]


def cut(text):
    return text[: pick.randrange(len(text))]


def run(folder, *words):
    return subprocess.run([binary, *words], cwd=folder, env=environment, capture_output=True, timeout=300)


def names(folder):
    return {os.path.join(at, name) for at, _, files in os.walk(folder) for name in files}


def failure(folder, name, words):
    """What is wrong with the run, or None."""
    path, before = os.path.join(folder, name), names(folder)
    done = run(folder, *words)
    if done.returncode not in (0, 1) or b"Sanitizer" in done.stderr or b"runtime error" in done.stderr:
        return f"exit {done.returncode}: {done.stderr.decode(errors='replace')[:2000]}"
    extra = {one for one in names(folder) - before if not one.endswith("BUILD.dhall") and "/toolchains/" not in one}
    if extra:
        return f"it leaves {extra}"
    once = open(path, "rb").read()
    if words[0] == "migrate" and once != text:
        if name.endswith(".dhall") and run(folder, "dhall", "type", "--quiet", name).returncode:
            return "what it wrote does not type-check:\n" + once.decode(errors="replace")
        run(folder, *words)
        if open(path, "rb").read() != once:
            return "a second --fix changes it"
    return None


failed = 0
with tempfile.TemporaryDirectory() as work:
    environment = dict(os.environ, HOME=work, XDG_CACHE_HOME=os.path.join(work, "cache"))
    environment.pop("STRAYLIGHT_PRELUDE", None)
    environment.pop("NIX_PATH", None)
    for case in range(cases):
        corpus = pick.choice(corpora)
        folder = os.path.join(work, "case")
        shutil.copytree(corpus, folder)
        name = pick.choice(sorted(one for one in os.listdir(folder) if one.endswith((".dhall", ".nix"))))
        with open(os.path.join(folder, name), "rb") as file:
            text = pick.choice([cut, token, line, byte, literal, shell])(file.read() or b" ")
        with open(os.path.join(folder, name), "wb") as file:
            file.write(text)
        words = ["migrate", f"--to=phase{pick.randrange(1, 5)}", "--fix", name]
        if name.endswith(".nix") and pick.random() < 0.5:
            words = ["convert", name]
        why = failure(folder, name, words)
        if why:
            failed += 1
            print(f"case {case}: {' '.join(words)}: {why}\n--- of\n{text.decode(errors='replace')}")
        shutil.rmtree(folder)
print(f"{cases} cases, {failed} failed")
sys.exit(failed != 0)
