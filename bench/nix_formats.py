"""Derivations beside a stated speed, and NARs beside Nix where it is installed (nix-hash, nix-store)."""
import os
import random
import shutil
import subprocess
import tempfile
import time

MB_PER_S = 300  # parsing and hashing derivations must be at least this fast
NAR_BAR = 0.8   # of Nix's wall time
FILES = 12662
BYTES = 500 << 20


def make_tree(root):
    """500 MB in 12,662 files of very different sizes, always the same."""
    rng = random.Random(1)
    sizes = [int(rng.lognormvariate(8.9, 2.0)) + 1 for _ in range(FILES)]
    scale = BYTES / sum(sizes)
    noise = rng.randbytes(4 << 20)
    for i, size in enumerate(sizes):
        folder = root / f"d{i % 40}" / f"e{i % 7}"
        folder.mkdir(parents=True, exist_ok=True)
        size = int(size * scale)
        with open(folder / f"file{i}", "wb") as f:
            while size > 0:
                size -= f.write(noise[:min(size, len(noise))])


def wall(command, env):
    start = time.monotonic()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=env)
    return time.monotonic() - start


def processor(command, env):
    before = os.times()
    wall(command, env)
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


def rows(bench):
    out = bench.build("bench_nix_formats", "straylight")
    program, straylight = out / "bench" / "bench_nix_formats", out / "src" / "cmd" / "straylight"
    with tempfile.TemporaryDirectory() as work:
        work = bench.root.__class__(work)
        return derivations(bench, program, work / "drv") + archives(bench, straylight, work)


def derivations(bench, program, folder):
    folder.mkdir()
    subprocess.run([str(program), "make", str(folder)], check=True)
    got = bench.interleaved(lambda: bench.figures(program, "hash", str(folder))[0])[0]
    allowed = got["bytes"] / (MB_PER_S * 1e6) * 1e3
    return [
        Row("10,000 derivations, parsed and hashed", got["parse and hash"], "ms", f"{MB_PER_S} MB/s", allowed, 1),
        Row("… parsed", got["parse"], "ms", "SHA-256 of the bytes", got["SHA-256 of the same bytes"]),
        Row("… hashed", got["hash"], "ms", "SHA-256 of the bytes", got["SHA-256 of the same bytes"]),
    ]


def archives(bench, straylight, work):
    if not shutil.which("nix-store"):
        print("nix-store is not here: NARs have no peer, their rows are left out")
        return []
    tree = work / "tree"
    make_tree(tree)
    env = {**os.environ, "NIX_STATE_DIR": str(work / "state"), "NIX_LOG_DIR": str(work / "log"), "NIX_CONF_DIR": str(work / "conf")}
    own_hash, own_dump = [str(straylight), "nix", "hash", str(tree)], [str(straylight), "nix", "dump", str(tree)]
    nix_hash, nix_dump = ["nix-hash", "--type", "sha256", str(tree)], ["nix-store", "--dump", str(tree)]
    commands = [own_hash, nix_hash, own_dump, nix_dump]
    times = bench.interleaved(*[lambda c=c: {"wall": wall(c, env)} for c in commands])
    works = bench.interleaved(*[lambda c=c: {"cpu": processor(c, env)} for c in commands])
    own, nix, dump, nix_dumped = (t["wall"] for t in times)
    return [
        Row("NAR hash of 500 MB", own, "s", "nix-hash", nix, NAR_BAR),
        Row("NAR dump of 500 MB", dump, "s", "nix-store --dump", nix_dumped, NAR_BAR),
        Row("NAR hash of 500 MB, processor", works[0]["cpu"], "s", "nix-hash", works[1]["cpu"]),
        Row("NAR dump of 500 MB, processor", works[2]["cpu"], "s", "nix-store --dump", works[3]["cpu"]),
    ]
