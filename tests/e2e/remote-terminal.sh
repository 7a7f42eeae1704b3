#!/bin/sh
# What a terminal shows of an action at a server that says nothing any more.   remote-terminal.sh BINARY RE_SERVER
server=$(realpath "$2")
. "$(dirname "$0")/lib.sh"
. "$tests/remote-lib.sh"

mkdir one
echo 'let S = env:STRAYLIGHT_PRELUDE in S.Workspace::{=}' > one/straylight.dhall
MANY=2 odd one
sed -i 's/S.Workspace.userland # \[ "sleep" \]/[ "sh", "cat", "sort", "tail" ]/; s/ # S.Workspace.default.toolchains//' one/straylight.dhall
cd one
cat > ../watch.py << 'END'
import os, pty, re, select, signal, sys, time
straylight, endpoint = sys.argv[1:]
pid, fd = pty.fork()
if pid == 0:
    os.environ["TERM"] = "xterm"
    os.execv(straylight, [straylight, "build", "--remote=" + endpoint, "//odd:many"])
seen, end, stopped = b"", time.monotonic() + 60, False
while time.monotonic() < end:
    ready, _, _ = select.select([fd], [], [], 1)
    if ready:
        try:
            more = os.read(fd, 65536)
        except OSError:
            break
        if not more:
            break
        seen += more
    if not stopped and b"no news for 1" in seen:
        stopped = True
        os.kill(pid, signal.SIGINT)
_, status = os.waitpid(pid, 0)
text = re.sub(rb"\x1b\[[0-9;]*[A-Za-z]", b"", seen).decode(errors="replace")
assert re.search(r"run many: (queued|running)", text), text
assert re.search(r"run many: (queued|running)[^\n]*, no news for 1\d s", text), text
assert os.WIFEXITED(status) and os.WEXITSTATUS(status) == 130, (status, text)
END
"$tests/../re/double" "$server" --bwrap --faults='Execute#1+:never' -- sh -c "python3 ../watch.py '$straylight' \"\$STRAYLIGHT_TEST_RE\"" 2> ../err ||
	fail "on a terminal: $(cat ../err)"
echo "passed"
