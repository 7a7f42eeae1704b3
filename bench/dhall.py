"""Dhall: synthetic cases, the Prelude, dhall-kubernetes, parsing, hostile inputs and what is evaluated again,
beside what other implementations were measured at and the roadmap's limits."""
import importlib.util
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import time

# User seconds of the best other implementation, measured once on such a machine.  None: none finishes.
HASKELL, RUST = "dhall-haskell, recorded", "dhall-rust, recorded"
CASES = {
    "one": (0.005, HASKELL),
    "natfold": (0.04, HASKELL), "natfold_lazy": (None, None), "listfold": (0.80, RUST),
    "enumlen": (0.04, HASKELL), "maplen": (None, None), "mapsum": (0.07, HASKELL),
    "textlit": (5.1, HASKELL), "textfold": (0.26, HASKELL), "textinterp": (3.0, HASKELL),
    "recmerge": (0.39, HASKELL), "recmerge_rec": (3.4, HASKELL),
    "bigrec": (2.65, HASKELL), "bigunion": (6.0, HASKELL),
    "letchain": (0.49, HASKELL), "sort5k": (1.9, HASKELL),
    "brack1k": (None, None), "brack10k": (7.3, HASKELL), "brack100k": (None, None),
    "paren1k": (None, None), "paren10k": (1.3, HASKELL), "paren100k": (None, None), "plus100k": (2.6, HASKELL),
    "lam1k": (2.2, HASKELL), "lam10k": (None, None),
    "recnest10k": (19.9, HASKELL), "if10k": (1.2, HASKELL),
    "double16": (None, None), "double20": (4.7, HASKELL), "double24": (None, None), "doublesmall24": (None, None),
    "doubletype16": (None, None), "doubletype20": (0.01, HASKELL), "share24": (None, None), "ack": (None, None),
    "build1k": (2.41, HASKELL), "manyimports": (0.34, HASKELL),
}
MEMORY = {"recmerge_rec": 1200, "double20": 322, "build1k": 116}  # MB, dhall-haskell

ANSWER = 2.0  # s, where no other implementation is known to finish
# s of user time, whatever the peers take
LIMITS = {"doublesmall24": 0.05, "build1k": 0.1}
DOUBLED = 0.05
START = 0.003  # s of wall time, 1 + 1
PRELUDE, PRELUDE_WARM = 0.04, 0.005
KUBERNETES, DEPLOYMENT, DEPLOYMENT_WARM = 0.2, 0.19, 0.03
KUBERNETES_MB = 155
PARSE, PARSE_HASKELL = 10.0, 625.0  # ms for a MB: 100 and 1.6 MB/s
EXPLOSION, EXPLOSION_MB = 10.0, 2300  # s and MB until the diagnostic
PACKAGES = 1000
LEVELS = 1_000_000

# Small files that stand for something endless, by the default budgets of the program.
BOMBS = {
    "a loop of 10^12": r"let n = Natural/fold 1000000000000 Natural (\(x : Natural) -> x + 1) 0 in n",
    "a list of 10^12": r"let l = List/build Natural (\(l : Type) -> \(c : Natural -> l -> l) -> \(n : l) -> Natural/fold 1000000000000 l (c 1) n) in l",
    "Natural/build of 10^12": r"let n = Natural/build (\(n : Type) -> \(s : n -> n) -> \(z : n) -> Natural/fold 1000000000000 n s z) in n",
    "a text doubled": r'let t = Natural/fold 64 Text (\(t : Text) -> t ++ t) "abc" in t',
    "a text replaced": r'let t = Natural/fold 64 Text (Text/replace "a" "aa") "a" in t',
    "a text shown": r'let t = Natural/fold 64 Text Text/show "\"" in t',
    "a number squared": r"let n = Natural/fold 64 Natural (\(x : Natural) -> x * x) 3 in n",
    "a record updated 10^9 times": r"let r = Natural/fold 1000000000 { a : Natural } (\(r : { a : Natural }) -> r with a = r.a + 1) { a = 0 } in r",
}
# (first, next, end): let x0 = first let x1 = next … in end, every @ the binding before.
DOUBLINGS = {
    "lists in lists": ("[ 1 ]", "[ @, @ ]", None),
    "records": ("{ a = 1 }", "{ l = @, r = @ }", "x63"),
    "record types": ("Natural", "{ l : @, r : @ }", r"\(x : x63) -> x"),
    "function types": ("Natural", "@ -> @", r"\(x : x63) -> x"),
    "functions": (r"\(n : Natural) -> n * n", r"\(n : Natural) -> @ (@ n)", "x63"),
    "texts": ('"abc"', '"${@}${@}"', "x63"),
}
# before, inner, after: a million times what stands before and after.
NESTED = {
    "brackets": ("[", "1", "]"), "parentheses": ("(", "1", ")"), "records": ("{ a = ", "1", " }"),
    "lambdas": (r"\(x : Natural) -> ", "x", ""), "lets": ("let x = 1 in ", "x", ""),
    "lets in lets": ("let x = ", "1", " in x"), "operators": ("1 + ", "1", ""), "operators to the right": ("1 + (", "1", ")"),
    "if in else": ("if True then 1 else ", "1", ""), "arrows": ("Natural -> ", "Natural", ""),
    "interpolations": ('"${', '""', '}"'), "selections": ("", "{=}", ".a"), "applications": (r"(\(x : Natural) -> x) (", "1", ")"),
}


def faster(seconds):
    """The largest share of a peer's time that is good enough."""
    return 0.1 if seconds > 0.25 else 0.5 if seconds > 0.05 else 1


def chain(n, first, following, end):
    lines = [f"let x0 = {first}"] + [f"let x{i} = " + following.replace("@", f"x{i - 1}") for i in range(1, n + 1)]
    return "\n".join(lines) + f"\nin  {end or f'x{n}'}\n"


class Machine:
    """Runs the program, each time from an empty cache unless one is given."""

    LONG, OFTEN = 0.05, 20  # the kernel splits a run's time by sampling, so short runs are repeated and averaged

    def __init__(self, program, folder):
        self.program, self.folder, self.caches = str(program), folder, 0

    def file(self, name, text):
        path = os.path.join(self.folder, name + ".dhall")
        with open(path, "w") as f:
            f.write(text)
        return path

    def once(self, *args, cache=None, codes=(0,)):
        own = cache or os.path.join(self.folder, "cache")
        env = {**os.environ, "XDG_CACHE_HOME": own}
        start = time.monotonic()
        child = subprocess.Popen([self.program, "dhall", *args], env=env, stdout=subprocess.DEVNULL,
                                 stderr=None if codes == (0,) else subprocess.DEVNULL)
        _, status, used = os.wait4(child.pid, 0)
        wall = time.monotonic() - start
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode not in codes:
            raise SystemExit(f"dhall {' '.join(args)} ended with {child.returncode}")
        if not cache:
            shutil.rmtree(own, ignore_errors=True)
        return used, wall

    def run(self, *args, cache=None, codes=(0,)):
        """User seconds (the mean of some runs), the least wall seconds and peak MB."""
        user = total = n = 0
        wall, most = float("inf"), 0
        while n == 0 or (total < self.LONG and n < self.OFTEN):
            used, took = self.once(*args, cache=cache, codes=codes)
            user, total, n = user + used.ru_utime, total + used.ru_utime + used.ru_stime, n + 1
            wall, most = min(wall, took), max(most, used.ru_maxrss / 1024)
        return {"s": user / n, "wall": wall, "MB": most}

    def warm(self, *args):
        self.caches += 1
        cache = os.path.join(self.folder, f"cache{self.caches}")
        for _ in range(3):
            self.once(*args, cache=cache)
        return lambda: self.run(*args, cache=cache)


def synthetic(bench, machine, corpus):
    folder = os.path.join(machine.folder, "cases")
    os.makedirs(folder)
    subprocess.run(["python3", str(corpus / "dhall-cases" / "gen.py"), folder], check=True, stdout=subprocess.DEVNULL)
    rows = []
    for case, (peer, name) in CASES.items():
        file = os.path.join(folder, "manyimports/all.dhall" if case == "manyimports" else case + ".dhall")
        got = bench.interleaved(lambda: machine.run("hash", file))[0]
        if peer is None:
            rows.append(Row(case, got["s"], "s", "limit: no peer's figure", LIMITS.get(case, ANSWER), 1))
        else:
            rows.append(Row(case, got["s"], "s", name, peer, faster(peer)))
            if case in LIMITS:
                rows.append(Row(case, got["s"], "s", "limit", LIMITS[case], 1))
        if case in MEMORY:
            rows.append(Row(case, got["MB"], "MB", HASKELL, MEMORY[case], 1))
        if case == "one":
            rows.append(Row("1 + 1, wall", got["wall"], "s", "limit", START, 1))
    return rows


def doubled(bench, machine):
    """2^24 of something in a few lines: the check alone, and a tiny result."""
    value = machine.file("value24", chain(24, "{ l = 1, r = 1 }", "{ l = @, r = @ }", None))
    small = machine.file("small24", chain(24, "{ l = 1, r = 1 }", "{ l = @, r = @ }", "x24" + ".l" * 25))
    types = chain(24, "Natural", "{ l : @, r : @ }", r"\(x : x24) -> x" + ".l" * 24)
    type_ = machine.file("type24", types)
    used = machine.file("type24used", types.replace("in  ", "let f = ") + r"in  List/length (x24 -> Natural) [ f, f ]")
    measures = (("value 2^24, check", ("type", "--quiet", value)), ("value 2^24, tiny result", ("eval", small)),
                ("type 2^24, check", ("type", "--quiet", type_)), ("type 2^24, tiny result", ("eval", used)))
    got = bench.interleaved(*[lambda args=args: machine.run(*args) for _, args in measures])
    return [Row(f"doubled {name}", g["s"], "s", "limit: no peer finishes all", DOUBLED, 1)
            for (name, _), g in zip(measures, got)]


def cold_and_warm(bench, machine, case, file, limits, peers):
    rows = []
    got = bench.interleaved(lambda: machine.run("hash", str(file)), machine.warm("hash", str(file)))
    for how, g, limit, peer in zip(("cold", "warm"), got, limits, peers):
        rows.append(Row(f"{case}, {how}", g["s"], "s", HASKELL, peer))
        if limit:
            rows.append(Row(f"{case}, {how}", g["s"], "s", "limit", limit, 1))
    return rows, got[0]["MB"]


def one_text(machine, name, files):
    """Files as the fields of one record, so that the parser sees them as one text."""
    fields = [f"f{i} = (\n{p.read_text()}\n)" for i, p in enumerate(sorted(files))]
    return machine.file(name, "{ " + "\n, ".join(fields) + "\n}\n")


def parsing(bench, machine, texts):
    program = bench.build("bench_dhall_parse") / "bench" / "bench_dhall_parse"

    def measure(file):
        out = subprocess.run([str(program), file], check=True, text=True, stdout=subprocess.PIPE).stdout
        mb, ms = re.search(r": ([0-9.]+) MB, ([0-9.]+) ms", out).groups()
        return {"mb": float(mb), "each": float(ms) / float(mb)}

    rows = []
    got = bench.interleaved(*[lambda file=file: measure(file) for _, file in texts])
    for (name, _), g in zip(texts, got):
        case = f"parsing {g['mb']:.1f} MB: {name}"
        rows.append(Row(case, g["each"], "ms a MB", HASKELL, PARSE_HASKELL))
        rows.append(Row(case, g["each"], "ms a MB", "limit", PARSE, 1))
    return rows


def hostile(machine):
    """Once each: a diagnostic in bounded time and memory, and never a crash."""
    rows = []
    bombs = {**BOMBS, **{f"2^63 {what}": chain(63, *parts) for what, parts in DOUBLINGS.items()}}
    for i, (name, text) in enumerate(bombs.items()):
        used, _ = machine.once("hash", machine.file(f"bomb{i}", text), codes=(1,))
        rows.append(Row(f"budget: {name}", used.ru_utime + used.ru_stime, "s", "limit", EXPLOSION, 1))
        rows.append(Row(f"budget: {name}", used.ru_maxrss / 1024, "MB", "limit", EXPLOSION_MB, 1))
    for i, (name, (before, inner, after)) in enumerate(NESTED.items()):
        file = machine.file(f"nested{i}", before * LEVELS + inner + after * LEVELS)
        used, _ = machine.once("hash", file, codes=(0, 1))
        rows.append(Row(f"{LEVELS} {name}", used.ru_utime, "s", "limit: an answer or an error", ANSWER, 1))
    return rows


def evaluated(bench, machine):
    """How many of 1,000 packages are evaluated after one was changed that no other imports."""
    spec = importlib.util.spec_from_file_location("packages", bench.root / "bench" / "packages.py")
    packages = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(packages)
    program = bench.build("bench_packages") / "bench" / "bench_packages"
    root, cache = pathlib.Path(machine.folder) / "workspace", pathlib.Path(machine.folder) / "packages"
    root.mkdir()
    packages.write_workspace(root, PACKAGES)
    time.sleep(0.05)  # what was just written counts as settled
    bench.figures(program, root, cache)
    packages.write_package(root, PACKAGES // 2, "edited")
    time.sleep(0.05)
    got = bench.figures(program, root, cache)[0]
    return [Row(f"one of {PACKAGES} packages changed", got["evaluated"], "packages", "limit", 1, 1)]


def rows(bench):
    program = bench.build("straylight") / "src" / "cmd" / "straylight"
    corpus = pathlib.Path(os.environ.get("STRAYLIGHT_CORPUS", bench.root.parent / "shared" / "corpus"))
    kubernetes = os.environ.get("STRAYLIGHT_KUBERNETES")
    out, texts = [], []
    with tempfile.TemporaryDirectory(prefix="bench-dhall-") as folder:
        machine = Machine(program, folder)
        if (corpus / "dhall-cases" / "gen.py").exists():
            out += synthetic(bench, machine, corpus)
            texts.append(("build1k", os.path.join(folder, "cases", "build1k.dhall")))
        else:
            print(f"skipped: the synthetic cases; no dhall-cases/gen.py in '{corpus}' (STRAYLIGHT_CORPUS)")
        out += doubled(bench, machine)
        prelude = corpus / "dhall-lang" / "Prelude" / "package.dhall"
        if prelude.exists():
            out += cold_and_warm(bench, machine, "Prelude", prelude, (PRELUDE, PRELUDE_WARM), (0.36, 0.01))[0]
            texts.append(("the Prelude", one_text(machine, "prelude", prelude.parent.rglob("*.dhall"))))
        else:
            print(f"skipped: the Prelude; no '{prelude}' (STRAYLIGHT_CORPUS)")
        if kubernetes:
            checkout = pathlib.Path(kubernetes)
            case = "kubernetes, all versions"
            more, most = cold_and_warm(bench, machine, case, checkout / "package.dhall", (KUBERNETES, None), (1.86, None))
            out += more + [Row(f"{case}, cold", most, "MB", HASKELL, KUBERNETES_MB, 1)]
            out += cold_and_warm(bench, machine, "a kubernetes deployment", checkout / "examples/deploymentSimple.dhall",
                                 (DEPLOYMENT, DEPLOYMENT_WARM), (1.93, 0.14))[0]
            texts.append(("kubernetes 1.26", one_text(machine, "kubernetes", (checkout / "1.26").rglob("*.dhall"))))
        else:
            print("skipped: dhall-kubernetes; set STRAYLIGHT_KUBERNETES to a checkout")
        if texts:
            out += parsing(bench, machine, texts)
        out += hostile(machine)
        out += evaluated(bench, machine)
    return out
