"""Building straylight itself: beside ninja on the same commands, and on CMake's build.ninja."""
import json
import os
import shutil
import subprocess
import tempfile
import time

LABEL = "//:straylight"
CLEAN_BAR = 1.15
NOOP_BAR = 1.0


def timed(command, **kw):
    start = time.monotonic()
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **kw)
    seconds = time.monotonic() - start
    if done.returncode:
        raise SystemExit(f"{command} failed:\n{done.stdout.decode(errors='replace')}")
    return seconds


def quoted(words):
    return " ".join("'" + w.replace("'", "'\\''") + "'" for w in words).replace("$", "$$")


def ninja_file(actions, path):
    """The same commands with the same inputs, for ninja to run on the host without a sandbox."""
    lines = ["rule run", "  command = $env $line", "  depfile = $dep", "  deps = $style", ""]
    for a in actions:
        if not a["process"]:
            raise SystemExit(f"{a['name']} is no process: the benchmark cannot hand it to ninja")
        lines.append(f"build {' '.join(a['outputs'])}: run {' '.join(a['inputs'])}")
        lines.append(f"  line = {quoted(a['argv'])}")
        lines.append(f"  env = {quoted(['/usr/bin/env', '-i', *a['env']])}")
        if a["depfile"]:
            lines += [f"  dep = {a['depfile']}", "  style = gcc"]
    with open(path, "w") as f:
        f.write("\n".join(lines) + "\n")
    for a in actions:
        for output in a["outputs"]:
            os.makedirs(os.path.join(os.path.dirname(path), os.path.dirname(output)), exist_ok=True)


class Project:
    """A copy of the sources with a cache of its own, in which only the toolchain was captured."""

    def __init__(self, bench, program, folder):
        self.program, self.folder = str(program), folder
        self.source = os.path.join(folder, "source")
        self.cache = os.path.join(folder, "cache")
        self.env = {**os.environ, "XDG_CACHE_HOME": self.cache}
        os.makedirs(self.source)
        listed = subprocess.run(["git", "ls-files", "-z"], cwd=bench.root, check=True, stdout=subprocess.PIPE).stdout
        for name in listed.decode().split("\0"):
            if name and os.path.isfile(os.path.join(bench.root, name)):
                to = os.path.join(self.source, name)
                os.makedirs(os.path.dirname(to), exist_ok=True)
                shutil.copy2(os.path.join(bench.root, name), to)
        self.actions = json.loads(self.run("query", "actions", "--json", LABEL))
        subprocess.run(["cp", "-a", self.cache, self.cache + ".first"], check=True)
        shutil.copytree(os.path.join(self.source, ".straylight/toolchains"), os.path.join(folder, "toolchains"))

    def run(self, *words):
        return subprocess.run([self.program, *words], cwd=self.source, env=self.env, check=True,
                              stdout=subprocess.PIPE).stdout

    def reset(self):
        """Moves what was built aside: for 5 s after a mass deletion ext4 searches long for each new inode."""
        aside = tempfile.mkdtemp(dir=self.folder)
        for path in (self.cache, os.path.join(self.source, ".straylight"), os.path.join(self.source, "straylight-out")):
            if os.path.lexists(path):
                os.rename(path, os.path.join(aside, os.path.basename(path)))
        subprocess.run(["cp", "-a", self.cache + ".first", self.cache], check=True)
        shutil.copytree(os.path.join(self.folder, "toolchains"), os.path.join(self.source, ".straylight/toolchains"))

    def clean(self, jobs):
        self.reset()
        return timed([self.program, "build", "-q", "-j", jobs, LABEL], cwd=self.source, env=self.env)

    def noop(self):
        return timed([self.program, "build", "-q", LABEL], cwd=self.source, env=self.env)

    def edit(self):
        with open(os.path.join(self.source, "src/base/map.c"), "a") as f:
            f.write(f"/* {time.monotonic_ns()} */\n")
        time.sleep(0.05)
        return self.noop()


def rows(bench):
    out = bench.build("straylight")
    program = out / "src" / "cmd" / "straylight"
    jobs = str(os.cpu_count())
    with tempfile.TemporaryDirectory(prefix="bench-self-") as folder:
        project = Project(bench, program, folder)
        twin = os.path.join(folder, "ninja")
        shutil.copytree(project.source, twin, ignore=shutil.ignore_patterns(".straylight", "straylight-out"))
        ninja_file(project.actions, os.path.join(twin, "build.ninja"))

        def ninja_clean():
            subprocess.run(["ninja", "-C", twin, "-t", "clean"], check=True, stdout=subprocess.PIPE)
            return timed(["ninja", "-C", twin, "-j", jobs])

        clean, peer = bench.interleaved(lambda: project.clean(jobs), ninja_clean)
        project.noop()
        noop, cmake, same = bench.interleaved(
            lambda: min(project.noop() for _ in range(5)),
            lambda: min(timed(["ninja", "-C", str(out), "straylight"]) for _ in range(5)),
            lambda: min(timed(["ninja", "-C", twin]) for _ in range(5)))
        edited = bench.interleaved(project.edit)[0]
    return [
        Row(f"clean, {len(project.actions)} actions, sandboxed", clean, "s", "ninja, same commands", peer, CLEAN_BAR),
        Row("nothing to do", noop * 1e3, "ms", "ninja on CMake's build.ninja", cmake * 1e3, NOOP_BAR),
        Row("nothing to do", noop * 1e3, "ms", "ninja, same commands", same * 1e3),
        Row("a comment added to one file", edited, "s", "the clean build", clean),
    ]
