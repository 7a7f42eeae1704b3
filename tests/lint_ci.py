"""The recipe for CI in docs/lint.md, run as it stands there:   lint_ci.py BINARY DOCS

Its commands are run as GitHub runs them (bash -e), in workspaces that pass, that have an error, and of which too little passes; what
they print is read as GitHub reads it.  File names and texts hold what the formats have to escape.
"""
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import urllib.parse

binary, docs = os.path.abspath(sys.argv[1]), pathlib.Path(sys.argv[2])

NATIVE = """let S = env:STRAYLIGHT_PRELUDE

let cat =
      \\(name : Text) ->
        S.genrule name [ "a.txt" ] [ "${name}.txt" ]
          [ S.Command.Run S.Run::{ tool = S.program "userland" "sort", arguments = [ S.source "a.txt" ], stdout = Some "${name}.txt" } ]

in  { a = cat "a", b = cat "b", c = cat "c", d = cat "d"%s }
"""
# A raw flag with a line break, a comma, a colon and a per cent sign; its suppression gives a reason.
RAW = """
    , e = S.cxx_library "e" [ "e.c" ] ([] : List Text) ([] : List Text) // { flags = [ S.Flag.Raw "-D%s=50%%,\\n::error::x" ] }"""
ALLOWED = """
    -- straylight-lint: allow raw-flag: "the vendor's macro" has no typed form
    , f = S.cxx_library "f" [ "e.c" ] ([] : List Text) ([] : List Text) // { flags = [ S.Flag.Raw "-DF" ] }"""
NIX = 'derivation { name = "n"; system = "x86_64-linux"; builder = "/bin/sh"; args = [ "-c" "echo > $out" ]; }\n'


def recipe():
    """The steps of the yaml block: dicts of run, uses, with and continue-on-error."""
    text = docs.read_text()
    block = re.search(r"## In CI\n```yaml\n(.*?)```", text, re.S).group(1)
    steps = []
    for line in block.splitlines():
        if line.startswith("- "):
            steps.append({})
        key, _, value = line[2:].partition(": ")
        steps[-1][key.strip()] = value.strip()
    return steps


def fail(what):
    sys.exit("lint_ci: " + what)


def check(condition, what):
    if not condition:
        fail(what)


# ---- SARIF 2.1.0 (OASIS): what the schema requires of the objects that are used ----

LEVELS = {"none", "note", "warning", "error"}


def check_message(m, where):
    check(isinstance(m, dict) and isinstance(m.get("text"), str) and m["text"], where + " has no text")


def check_region(r, where):
    check(r["startLine"] >= 1 and r["startColumn"] >= 1, where + " starts before the file")
    check((r["endLine"], r["endColumn"]) >= (r["startLine"], r["startColumn"]), where + " ends before it starts")


def check_location(location, root, where):
    physical = location["physicalLocation"]
    artifact = physical["artifactLocation"]
    uri = artifact["uri"]
    check(re.fullmatch(r"(?:[A-Za-z0-9\-._~/]|%[0-9A-F]{2})+", uri), where + " has no URI reference: " + uri)
    path = urllib.parse.unquote(uri)
    check(path.startswith("/") or artifact["uriBaseId"] == "SRCROOT", where + " is relative to nothing")
    check((root / path).is_file(), where + " names no file: " + path)
    check_region(physical["region"], where)
    for logical in location.get("logicalLocations", []):
        check(logical["fullyQualifiedName"], where + " has a logical location without a name")


def check_result(result, rules, root, where):
    check_message(result["message"], where)
    rule = rules[result["ruleIndex"]]
    check(rule["id"] == result["ruleId"], where + " has another rule at its index")
    check(result["level"] in LEVELS, where + " has no level")
    check(result["locations"], where + " is nowhere")
    for location in result["locations"]:
        check_location(location, root, where)
    for suppression in result.get("suppressions", []):
        check(suppression["kind"] == "inSource" and suppression["justification"], where + " is suppressed without a reason")


def check_sarif(log, root):
    check(log["version"] == "2.1.0" and log["$schema"].endswith("sarif-2.1.0.json"), "it is no SARIF 2.1.0")
    check(len(log["runs"]) == 1, "it has not one run")
    run = log["runs"][0]
    driver = run["tool"]["driver"]
    check(driver["name"] == "straylight" and driver["version"], "the tool has no name")
    check(run["columnKind"] in ("utf16CodeUnits", "unicodeCodePoints"), "no kind of columns")
    ids = [rule["id"] for rule in driver["rules"]]
    check(len(set(ids)) == len(ids), "two rules have one id")
    for rule in driver["rules"]:
        check_message(rule["shortDescription"], rule["id"])
        check_message(rule["fullDescription"], rule["id"])
        check_message(rule["help"], rule["id"])
        check(rule["defaultConfiguration"]["level"] in LEVELS, rule["id"] + " has no level")
    for i, result in enumerate(run["results"]):
        check_result(result, driver["rules"], root, "result %d" % i)
    return run["results"]


# ---- workflow commands ----


def check_annotations(out, root):
    """Every line but the last is an annotation; gives (word, file, message) of each."""
    lines = out.splitlines()
    check(re.fullmatch(r"\d+ of \d+ targets pass [a-z-]+ \(\d+ %\)", lines[-1]), "no sum: " + lines[-1])
    found = []
    for line in lines[:-1]:
        match = re.fullmatch(r"::(notice|warning|error) ((?:[a-zA-Z]+=[^,:]*,?)+)::(.*)", line)
        check(match, "no annotation: " + line)
        properties = dict(p.split("=", 1) for p in match.group(2).split(","))
        path = urllib.parse.unquote(properties["file"])
        check((root / path).is_file(), "the annotation names no file: " + path)
        check(int(properties["line"]) >= 1 and int(properties["col"]) >= 1, "no place: " + line)
        found.append((match.group(1), path, urllib.parse.unquote(match.group(3))))
    return found


# ---- runs ----


def workspace(root, targets, level, nix=False):
    root.mkdir()
    (root / "straylight.dhall").write_text("(env:STRAYLIGHT_PRELUDE).Workspace::{ lint = (env:STRAYLIGHT_PRELUDE).Level.%s }\n" % level)
    (root / "BUILD.dhall").write_text(NATIVE % targets)
    (root / "a.txt").write_text("b\na\n")
    (root / "e.c").write_text("int e;\n")
    if nix:
        (root / "a,b:c %41.nix").write_text(NIX)


def ci(root, steps, home):
    """As CI does: a step that fails ends it unless it may.  The exit code, and each command's (code, output)."""
    env = dict(os.environ, HOME=str(home), PATH="%s:%s" % (home / "bin", os.environ["PATH"]))
    env.pop("XDG_CACHE_HOME", None)
    ran = []
    for step in steps:
        if "run" not in step:
            continue
        done = subprocess.run(["bash", "-e", "-c", step["run"]], cwd=root, env=env, text=True, capture_output=True)
        ran.append((done.returncode, done.stdout, done.stderr))
        if done.returncode and step.get("continue-on-error") != "true":
            return done.returncode, ran
    return 0, ran


def main():
    steps = recipe()
    commands = [step["run"] for step in steps if "run" in step]
    uploads = [step for step in steps if "upload-sarif" in step.get("uses", "")]
    check(len(commands) == 2 and len(uploads) == 1, "the recipe has other steps: %s" % steps)
    file = re.search(r"sarif_file: ([^,} ]+)", uploads[0]["with"]).group(1)
    with tempfile.TemporaryDirectory() as temporary:
        home = pathlib.Path(temporary).resolve()
        (home / "bin").mkdir()
        os.symlink(binary, home / "bin" / "straylight")

        good = home / "good"
        workspace(good, RAW % "X" + ALLOWED, "constrained")
        code, ran = ci(good, steps, home)
        check(code == 0, "what passes fails: %s" % (ran,))
        notes = check_annotations(ran[0][1], good)
        raw = [n for n in notes if n[0] == "warning" and "raw flag" in n[2]]
        check(len(raw) == 1 and "-DX=50%,\n::error::x" in raw[0][2], "the raw flag is said otherwise: %s" % notes)
        check(ran[0][1].splitlines()[-1] == "5 of 6 targets pass constrained (83 %)", ran[0][1])
        results = check_sarif(json.loads((good / file).read_text()), good)
        reasons = [s["justification"] for r in results for s in r.get("suppressions", [])]
        check(reasons == ['"the vendor\'s macro" has no typed form'], "the suppressions are %s" % reasons)

        bad = home / "bad"
        workspace(bad, "", "constrained", nix=True)
        code, ran = ci(bad, steps, home)
        check(code == 0 and [r[0] for r in ran] == [0, 1], "errors of the higher level end it: %s" % (ran,))
        check(any(path == "a,b:c %41.nix" for _, path, _ in check_annotations(ran[0][1], bad)), "the Nix file has no annotation")
        results = check_sarif(json.loads((bad / file).read_text()), bad)
        check(any(r["level"] == "error" for r in results), "no error in SARIF")

        few = home / "few"
        workspace(few, RAW % "X" + (RAW % "Y").replace(", e =", ", g =").replace('"e"', '"g"'), "constrained")
        code, ran = ci(few, steps, home)
        check(code == 1 and len(ran) == 1, "4 of 6 targets are enough for 80 %%: %s" % (ran,))
        check("fewer than 80 % of the targets pass" in ran[0][2], "it does not say why: " + ran[0][2])
    print("the recipe's %d commands were run in 3 workspaces" % len(commands))


main()
