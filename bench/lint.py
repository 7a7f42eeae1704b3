"""straylight lint over a workspace of 10,000 targets in 1,000 packages, each with its cxx rules and a genrule."""
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

PACKAGES, TARGETS = 1000, 10
COLD_SECONDS, WARM_SECONDS = 5.0, 0.5
DERIVATIONS, NIX_SECONDS, NIX_MB = 5000, 1.0, 256  # of one Nix file, with three findings each

WORKSPACE = "(env:STRAYLIGHT_PRELUDE).Workspace::{ lint = (env:STRAYLIGHT_PRELUDE).Level.dice-required }\n"


def package(i):
    lines = ["let S = env:STRAYLIGHT_PRELUDE", "", "let none = [] : List Text", ""]
    for k in range(TARGETS - 2):
        deps = f'[ "//p{i - 1}:lib{k}" ]' if i else "none"
        start = "in  {" if k == 0 else "    ,"
        lines.append(f'{start} lib{k} = S.cxx_library "lib{k}" [ "a{k}.c" ] [ "a{k}.h" ] {deps} // {{ includes = [ "." ] }}')
    lines.append('    , main = S.cxx_binary "main" [ "main.c" ] [ ":lib0", ":lib1" ]')
    lines.append('    , gen = S.genrule "gen" [ "a.in" ] [ "a.h" ] [ S.Command.Run S.Run::{ '
                 'tool = S.program "userland" "sort", arguments = [ S.source "a.in" ], stdout = Some "a.h" } ]')
    return "\n".join(lines + ["    }", ""])


def make(root):
    (root / "straylight.dhall").write_text(WORKSPACE)
    for i in range(PACKAGES):
        folder = root / f"p{i}"
        folder.mkdir()
        (folder / "BUILD.dhall").write_text(package(i))


def lint(binary, root, cache):
    env = dict(os.environ, XDG_CACHE_HOME=str(cache))
    start = time.monotonic()
    done = subprocess.run([binary, "lint", "--level=dice-required"], cwd=root, env=env, text=True, capture_output=True)
    seconds = time.monotonic() - start
    if done.returncode or f"{PACKAGES * TARGETS} of {PACKAGES * TARGETS} targets pass" not in done.stdout:
        sys.exit(f"lint failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return seconds


def query(binary, root, cache):
    """The same workspace evaluated and analysed as a build does."""
    env = dict(os.environ, XDG_CACHE_HOME=str(cache))
    start = time.monotonic()
    done = subprocess.run([binary, "query", "targets", "-q", "//..."], cwd=root, env=env, text=True, capture_output=True)
    seconds = time.monotonic() - start
    if done.returncode or len(done.stdout.splitlines()) != PACKAGES * TARGETS:
        sys.exit(f"query failed:\n{done.stderr[-2000:]}")
    return seconds


def nix(binary, root, cache):
    """Seconds, and MB, for one Nix file of many findings, each shown with its line."""
    root.mkdir()
    names = [f'  p{i} = stdenv.mkDerivation {{ name = "p{i}"; src = ./.; buildPhase = "make"; }};' for i in range(DERIVATIONS)]
    (root / "a.nix").write_text("\n".join(["{ stdenv }: {", *names, "}", ""]))
    env = dict(os.environ, XDG_CACHE_HOME=str(cache))
    start = time.monotonic()
    with open(root / "out", "wb") as out:
        process = subprocess.Popen([binary, "lint", "--level=dice-required", "a.nix"], cwd=root, env=env, stdout=out)
        _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.monotonic() - start
    said = (root / "out").read_text()
    if process.returncode != 1 or f"0 of {DERIVATIONS} targets pass" not in said:
        sys.exit(f"lint of a Nix file failed:\n{said[-2000:]}")
    shutil.rmtree(root)
    return seconds, used.ru_maxrss / 1024


def rows(bench):
    binary = bench.build("straylight") / "src/cmd/straylight"
    cold, warm, built, again, of_nix = [], [], [], [], []
    with tempfile.TemporaryDirectory() as temporary:
        root = pathlib.Path(temporary) / "workspace"
        root.mkdir()
        make(root)
        for _ in range(bench.rounds):
            cache = pathlib.Path(temporary) / "cache"
            shutil.rmtree(cache, ignore_errors=True)
            cold.append(lint(binary, root, cache))
            warm.append(statistics.median(lint(binary, root, cache) for _ in range(3)))
            shutil.rmtree(cache)
            shutil.rmtree(root / ".straylight", ignore_errors=True)
            built.append(query(binary, root, cache))
            again.append(query(binary, root, cache))
            of_nix.append(nix(binary, pathlib.Path(temporary) / "nix", cache))
    seconds, megabytes = (statistics.median(column) for column in zip(*of_nix))
    return [
        Row("10,000 targets, cold", statistics.median(cold), "s", "limit", COLD_SECONDS, bar=1.0),
        Row("10,000 targets, warm", statistics.median(warm), "s", "limit", WARM_SECONDS, bar=1.0),
        Row("beside evaluation, cold", statistics.median(cold), "s", "query targets", statistics.median(built), bar=1.5),
        Row("beside evaluation, warm", statistics.median(warm), "s", "query targets", statistics.median(again), bar=1.0),
        Row(f"a Nix file of {DERIVATIONS:,} derivations", seconds, "s", "limit", NIX_SECONDS, bar=1.0),
        Row(f"a Nix file of {DERIVATIONS:,} derivations", megabytes, "MB", "limit", NIX_MB, bar=1.0),
    ]
