#!/usr/bin/env python3
"""`dhall repl` on a terminal: prompts, completion, history.   tests/repl.py BINARY

Ends with 77, and says why, where libedit is not installed."""
import atexit
import ctypes
import os
import pty
import re
import select
import shutil
import signal
import sys
import tempfile
import time

try:
    ctypes.CDLL("libedit.so.2")
except OSError:
    print("skipped: there is no libedit.so.2")
    sys.exit(77)

BINARY = os.path.realpath(sys.argv[1])
home = tempfile.mkdtemp()
atexit.register(shutil.rmtree, home)


class Terminal:
    def __init__(self):
        self.seen = ""
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.chdir(home)
            # what libedit keeps until the end is not ours
            os.environ.update(HOME=home, XDG_STATE_HOME=home + "/state", TERM="vt100", ASAN_OPTIONS="detect_leaks=0")
            os.execv(BINARY, [BINARY, "dhall", "repl"])

    def expect(self, pattern):
        """Waits until the pattern is printed, and forgets what was before its end."""
        end = time.monotonic() + 60
        while True:
            match = re.search(pattern, self.seen)
            if match:
                self.seen = self.seen[match.end():]
                return
            if time.monotonic() > end or not self.read():
                os.kill(self.pid, signal.SIGKILL)
                sys.exit("'%s' was not printed; seen: %r" % (pattern, self.seen))

    def read(self):
        if not select.select([self.fd], [], [], 30)[0]:
            return False
        try:
            data = os.read(self.fd, 65536)
        except OSError:
            return False
        self.seen += re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", data.decode())
        return True

    def type(self, text, prompt="> "):
        """Once the prompt stands there: before it the terminal is not the editor's, and may lose what is typed."""
        self.expect(r"[\r\n]" + re.escape(prompt))  # and not the arrow of a diagnostic
        os.write(self.fd, text.encode())

    def end(self):
        while self.read():
            pass
        end = time.monotonic() + 30
        done, status = os.waitpid(self.pid, os.WNOHANG)
        while not done and time.monotonic() < end:
            time.sleep(0.05)
            done, status = os.waitpid(self.pid, os.WNOHANG)
        if not done:
            os.kill(self.pid, signal.SIGKILL)
            sys.exit("it did not end; seen: %r" % self.seen)
        if status != 0:
            sys.exit("it ended with %d: %s" % (status, self.seen))


t = Terminal()
t.expect(r"straylight .*:help")
t.type(":let abcdef = { field = 41 }\n")
t.expect(r"abcdef : \{ field : Natural \}")
t.type("abc\t.fi\t + 1\n")
t.expect(r"1\s+42\s")
t.type("[ 1,\n")
t.type("2 ]\n", "| ")
t.expect(r"\[ 1, 2 \]\s")
t.type(":ty\t 1\n")
t.expect(r"1\s+Natural\s")
t.type("Natural/sho\t 7\n")
t.expect(r"7\s+\"7\"")
t.type("1 + True\n")
t.expect(r"error\[E0309\]")
t.type(":quit\n")
t.end()

t = Terminal()
t.type("\x1b[A\x1b[A\x1b[A\n")  # three entries up
t.expect(r"\"7\"")
t.type("\x04")
t.end()
print("completion, continuation, history and end are right")
