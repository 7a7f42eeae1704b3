"""A workspace of 202 C actions for Bazel and for straylight, on one server with caches filled: what a cached rebuild costs,
and what the test server costs beside a real one.  And uploads, beside a client that sends the same frames as fast as the
server takes them (frames.c)."""
import contextlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

GROUPS, EACH = 20, 10  # 200 sources in groups that share a header, main.c, and one link

SOURCE = """#include "g{group}.h"
#include "g{below}.h"

static const char text[] = "{name}";

int {name}(int x)
{{
\tfor (unsigned k = 0; k < sizeof text; k++)
\t\tx = x * 31 + text[k];
\treturn x{call};
}}
"""

BAZEL = """cc_binary(
    name = "main",
    srcs = {files},
)
"""

DHALL = """let S = env:STRAYLIGHT_PRELUDE

in  {{ main =
            S.cxx_binary "main" {sources} ([] : List Text)
        //  {{ private_hdrs = {headers} }}
    }}
"""

# What Bazel's own tools load from rules_cc and rules_java, so that nothing is fetched.
STUBS = {
    "rules_cc/cc": ["cc_binary", "cc_library", "cc_proto_library", "cc_toolchain", "cc_toolchain_suite"],
    "rules_java/java": ["java_binary", "java_import", "java_library", "java_plugin", "java_runtime", "java_toolchain"],
}


def write_stubs(root):
    for folder, rules in STUBS.items():
        (root / folder).mkdir(parents=True, exist_ok=True)
        (root / folder / "BUILD").write_text("")
        (root / folder / "defs.bzl").write_text("".join(f"{r} = native.{r}\n" for r in rules))
        (root / folder).parent.joinpath("WORKSPACE").write_text("")
    names = [folder.split("/")[0] for folder in STUBS]
    (root / ".bazelrc").write_text("".join(f"build --override_repository={n}={root.resolve()}/{n}\n" for n in names))


def texts(names):
    return "[ " + ", ".join(f'"{n}"' for n in names) + " ]"


def write_workspace(root):
    """202 actions with either of the two: 201 compiles and a link.  Every source reads two headers."""
    headers, sources = [f"g{i}.h" for i in range(GROUPS)], ["main.c"]
    for i in range(GROUPS):
        names = [f"f{i}_{k}" for k in range(EACH)]
        (root / f"g{i}.h").write_text("".join(f"int {n}(int x);\n" for n in names))
        below = max(i - 1, 0)
        for k, name in enumerate(names):
            call = f" + f{below}_{k}(x)" if i else ""
            (root / f"{name}.c").write_text(SOURCE.format(group=i, below=below, name=name, call=call))
            sources.append(f"{name}.c")
    top = GROUPS - 1
    calls = " + ".join(f"f{top}_{k}(1)" for k in range(EACH))
    (root / "main.c").write_text(f'#include "g{top}.h"\n\nint main(void)\n{{\n\treturn ({calls}) == 0;\n}}\n')
    (root / "WORKSPACE").write_text("")
    (root / "BUILD").write_text(BAZEL.format(files=texts(sources + headers)))
    (root / "straylight.dhall").write_text("let S = env:STRAYLIGHT_PRELUDE in S.Workspace::{=}\n")
    (root / "BUILD.dhall").write_text(DHALL.format(sources=texts(sources), headers=texts(headers)))
    write_stubs(root)


class Bazel:
    """Bazel in a workspace, with a server process and an output base of its own."""

    def __init__(self, workspace, base):
        self.workspace = workspace
        self.start = ["bazel", f"--output_base={base}", "--max_idle_secs=60"]

    def run(self, *words):
        return subprocess.run([*self.start, *words], cwd=self.workspace, check=True, text=True, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT).stdout

    def build(self, endpoint):
        start = time.monotonic()
        text = self.run("build", "//:main", f"--remote_cache={endpoint}", "--curses=no")
        return time.monotonic() - start, text

    def cached(self, endpoint):
        """Seconds of a build that finds everything in the cache."""
        self.run("clean")
        seconds, text = self.build(endpoint)
        assert "202 remote cache hit" in text, text
        return seconds


@contextlib.contextmanager
def serving(command):
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        yield process.stdout.readline().strip()
    finally:
        process.terminate()
        process.wait()


class Straylight:
    """straylight in a workspace, with a cache of its own that holds the captured compiler and nothing else."""

    def __init__(self, binary, workspace, cache):
        self.binary, self.workspace, self.cache = str(binary), workspace, cache
        self.env = {**os.environ, "XDG_CACHE_HOME": str(cache), "HOME": str(cache)}
        subprocess.run([self.binary, "query", "actions", "-q", "//..."], cwd=workspace, env=self.env, check=True,
                       stdout=subprocess.DEVNULL)
        self.captured = self.files()

    def files(self):
        return {path for part in ("cas", "ac") for path in (self.cache / "straylight" / part).rglob("*") if path.is_file()}

    def forget(self):
        for path in self.files() - self.captured:
            path.unlink()
        for name in ("straylight-out", ".straylight/state"):
            shutil.rmtree(self.workspace / name, ignore_errors=True)

    def build(self, endpoint, *options):
        self.forget()
        start = time.monotonic()
        text = subprocess.run([self.binary, "build", "--json", f"--remote={endpoint}", "--remote-cache-only", *options, "//..."],
                              cwd=self.workspace, env=self.env, check=True, text=True, stdout=subprocess.PIPE).stdout
        return time.monotonic() - start, json.loads(text)["summary"].get("remote", {})

    def fill(self, endpoint):
        _, remote = self.build(endpoint, "--remote-write")
        assert remote["puts"] == 202, remote

    def cached(self, endpoint):
        """A build that finds everything in the cache: seconds, and calls of FindMissingBlobs."""
        seconds, remote = self.build(endpoint)
        assert remote["hits"] == 202, remote
        return {"s": seconds, "asks": remote["asks"]}


def figures(server, command):
    """One run at a server of its own, which has nothing and keeps what it gets in memory."""
    with serving([str(server)]) as endpoint:
        text = subprocess.run([str(c) for c in command(endpoint)], check=True, text=True, stdout=subprocess.PIPE).stdout
    found = {"up": r"(?:up |\t)([0-9.]+)(?: s|\ts)", "memory": r"baseline (\d+) KiB", "asks": r"FindMissingBlobs (\d+)"}
    return {name: float(m.group(1)) for name, m in ((n, re.search(p, text)) for n, p in found.items()) if m}


def uploads(bench, frames, client, server):
    """Small blobs and a large one: seconds by the client, beside those of frames that were built before."""
    count, size, chunk = 10000, 10**9, 1 << 20

    def beside(ours, same):
        return bench.interleaved(lambda: figures(server, lambda at: (client, at, *ours)),
                                 lambda: figures(server, lambda at: (frames, at.split("//")[1], *same)))

    small, small_peer = beside(("small", count, 1000), ("small", count, 1000))
    large, large_peer = beside(("large", size), ("large", size, chunk))
    what = "the same frames, built before"
    return [Row(f"upload of {count:,} blobs of 1 kB", small["up"], "s", what, small_peer["up"], bar=1.25),  # noqa: F821
            Row("FindMissingBlobs for them", small["asks"], "calls", "limit", count / 1000, bar=1),  # noqa: F821
            Row("upload of one blob of 1 GB", large["up"], "s", what, large_peer["up"], bar=1.25),  # noqa: F821
            Row("memory above baseline for it", large["memory"], "KiB", "limit", 64 << 10, bar=1)]  # noqa: F821


def rows(bench):
    if not shutil.which("bazel"):
        sys.exit("bazel is not here (package bazel-bootstrap)")
    release = bench.build("straylight", "re_server", "bench_frames", "bench_re")
    server, program = release / "tests" / "re" / "re_server", release / "src" / "cmd" / "straylight"
    with tempfile.TemporaryDirectory() as scratch, serving([str(server)]) as ours, \
            serving([str(bench.root / "tests" / "re" / "buildgrid")]) as theirs:
        workspace, cache = pathlib.Path(scratch, "workspace"), pathlib.Path(scratch, "cache")
        workspace.mkdir()
        cache.mkdir()
        write_workspace(workspace)
        bazel, straylight = Bazel(workspace, pathlib.Path(scratch, "base")), Straylight(program, workspace, cache)
        try:
            for endpoint in (ours, theirs):
                bazel.run("clean")
                bazel.build(endpoint)
            straylight.fill(theirs)
            double, real, own = bench.interleaved(lambda: bazel.cached(ours), lambda: bazel.cached(theirs),
                                                  lambda: straylight.cached(theirs))
        finally:
            bazel.run("shutdown")
            subprocess.run(["chmod", "-R", "u+w", scratch], check=False)
    sent = uploads(bench, release / "bench" / "bench_frames", release / "bench" / "bench_re", server)
    return [Row("202 actions cached, on BuildGrid", own["s"], "s", "Bazel", real, bar=0.25),  # noqa: F821
            Row("FindMissingBlobs for that", own["asks"], "calls", "limit", 1, bar=1),  # noqa: F821
            Row("Bazel, 202 actions cached, on the test server", double, "s", "on BuildGrid", real),  # noqa: F821
            *sent]


if __name__ == "__main__":
    os.makedirs(sys.argv[1], exist_ok=True)
    write_workspace(pathlib.Path(sys.argv[1]))
