"""`straylight dhall hash` on synthetic cases, the Prelude and dhall-kubernetes, beside what other
implementations were measured at."""
import os
import pathlib
import subprocess
import tempfile

# User seconds of the best other implementation, measured once on such a machine.  None: none finishes.
HASKELL, RUST = "dhall-haskell, recorded", "dhall-rust, recorded"
CASES = {
    "one": (0.005, HASKELL),
    "natfold": (0.04, HASKELL), "natfold_lazy": (None, None), "listfold": (0.80, RUST),
    "enumlen": (0.04, HASKELL), "mapsum": (0.07, HASKELL),
    "textlit": (5.1, HASKELL), "textfold": (0.26, HASKELL), "textinterp": (3.0, HASKELL),
    "recmerge": (0.39, HASKELL), "recmerge_rec": (3.4, HASKELL),
    "bigrec": (2.65, HASKELL), "bigunion": (6.0, HASKELL),
    "letchain": (0.49, HASKELL), "sort5k": (1.9, HASKELL),
    "brack10k": (7.3, HASKELL), "brack100k": (None, None),
    "paren10k": (1.3, HASKELL), "paren100k": (None, None), "plus100k": (2.6, HASKELL),
    "lam1k": (2.2, HASKELL), "lam10k": (None, None),
    "recnest10k": (19.9, HASKELL), "if10k": (1.2, HASKELL),
    "double20": (4.7, HASKELL), "double24": (None, None), "doublesmall24": (None, None),
    "doubletype20": (0.01, HASKELL),
    "build1k": (2.41, HASKELL), "manyimports": (0.34, HASKELL),
}
MEMORY = {"recmerge_rec": 1200, "double20": 322, "build1k": 116}  # MB, dhall-haskell

ANSWER = 2.0  # s, where no other implementation finishes
# s of user time, whatever the peers take
LIMITS = {"doublesmall24": 0.05, "build1k": 0.1}
PRELUDE, PRELUDE_WARM = 0.04, 0.005
KUBERNETES, DEPLOYMENT, DEPLOYMENT_WARM = 0.2, 0.19, 0.03


def faster(seconds):
    """The largest share of a peer's time that is good enough."""
    return 0.1 if seconds > 0.25 else 0.5 if seconds > 0.05 else 1


class Machine:
    def __init__(self, program, folder):
        self.program, self.folder, self.caches = str(program), folder, 0

    def cache(self):
        self.caches += 1
        return os.path.join(self.folder, f"cache{self.caches}")

    def run(self, file, cache=None):
        """User seconds and peak MB of hashing a file, from an empty cache unless one is given."""
        env = {**os.environ, "XDG_CACHE_HOME": cache or self.cache()}
        child = subprocess.Popen([self.program, "dhall", "hash", str(file)], env=env, stdout=subprocess.DEVNULL)
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode:
            raise SystemExit(f"dhall hash {file} failed")
        return {"s": used.ru_utime, "MB": used.ru_maxrss / 1024}

    def warm(self, file):
        cache = self.cache()
        for _ in range(3):
            self.run(file, cache)
        return lambda: self.run(file, cache)


def synthetic(bench, machine, corpus):
    folder = os.path.join(machine.folder, "cases")
    os.makedirs(folder)
    subprocess.run(["python3", str(corpus / "dhall-cases" / "gen.py"), folder], check=True, stdout=subprocess.DEVNULL)
    rows = []
    for case, (peer, name) in CASES.items():
        file = os.path.join(folder, "manyimports/all.dhall" if case == "manyimports" else case + ".dhall")
        got = bench.interleaved(lambda: machine.run(file))[0]
        if peer is None:
            rows.append(Row(case, got["s"], "s", "limit: no peer finishes", LIMITS.get(case, ANSWER), 1))
        else:
            rows.append(Row(case, got["s"], "s", name, peer, faster(peer)))
            if case in LIMITS:
                rows.append(Row(case, got["s"], "s", "limit", LIMITS[case], 1))
        if case in MEMORY:
            rows.append(Row(case, got["MB"], "MB", HASKELL, MEMORY[case], 1))
    return rows


def cold_and_warm(bench, machine, case, file, limits, peers):
    rows = []
    got = bench.interleaved(lambda: machine.run(file), machine.warm(file))
    for how, g, limit, peer in zip(("cold", "warm"), got, limits, peers):
        rows.append(Row(f"{case}, {how}", g["s"], "s", HASKELL, peer))
        if limit:
            rows.append(Row(f"{case}, {how}", g["s"], "s", "limit", limit, 1))
    return rows


def rows(bench):
    program = bench.build("straylight") / "src" / "cmd" / "straylight"
    corpus = pathlib.Path(os.environ.get("STRAYLIGHT_CORPUS", bench.root.parent / "shared" / "corpus"))
    kubernetes = os.environ.get("STRAYLIGHT_KUBERNETES")
    out = []
    with tempfile.TemporaryDirectory(prefix="bench-dhall-") as folder:
        machine = Machine(program, folder)
        if (corpus / "dhall-cases" / "gen.py").exists():
            out += synthetic(bench, machine, corpus)
        else:
            print(f"skipped: the synthetic cases; no dhall-cases/gen.py in '{corpus}' (STRAYLIGHT_CORPUS)")
        prelude = corpus / "dhall-lang" / "Prelude" / "package.dhall"
        if prelude.exists():
            out += cold_and_warm(bench, machine, "Prelude", prelude, (PRELUDE, PRELUDE_WARM), (0.36, 0.01))
        else:
            print(f"skipped: the Prelude; no '{prelude}' (STRAYLIGHT_CORPUS)")
        if kubernetes:
            checkout = pathlib.Path(kubernetes)
            out += cold_and_warm(bench, machine, "kubernetes, all versions", checkout / "package.dhall",
                                 (KUBERNETES, None), (1.86, None))
            out += cold_and_warm(bench, machine, "a kubernetes deployment", checkout / "examples/deploymentSimple.dhall",
                                 (DEPLOYMENT, DEPLOYMENT_WARM), (1.93, 0.14))
        else:
            print("skipped: dhall-kubernetes; set STRAYLIGHT_KUBERNETES to a checkout")
    return out
