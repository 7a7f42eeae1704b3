"""A workspace of many packages: all evaluated, one evaluated, none, and the files merely read."""
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

PACKAGES = 1000

COMMON = """let S = env:STRAYLIGHT_PRELUDE

in  { flags = [ S.Flag.Warnings S.Flags.Warnings.All ], copts = [ "-fvisibility=hidden" ] }
"""

BUILD = """let S = env:STRAYLIGHT_PRELUDE

let common = ../../common.dhall

let settings = common // {{ c_std = Some S.CStd.C17 }}

in  {{ {name} =
            S.cxx_library "{name}" [ "a.c", "b.c", "c.c", "d.c" ] [ "{name}.h" ] [ {deps} ]
        //  settings
        //  {{ private_hdrs = [ "inner.h" ] }}
    , {name}_test = S.cxx_test "{name}_test" [ "test.c" ] [ ":{name}" ] // settings
    , {name}_table =
        S.genrule
          "{name}_table"
          [ "table.txt" ]
          [ "table.c" ]
          [ S.Command.Run
              S.Run::{{
              , tool = S.program "userland" "sed"
              , arguments = [ S.word "s/x/{edit}/", S.source "table.txt" ]
              , stdout = Some "table.c"
              }}
          ]
    }}
"""


def package(i):
    return f"g{i % 32}/p{i}"


def write_package(root, i, edit=""):
    deps = ", ".join(f'"//{package(d)}:p{d}"' for d in sorted({i // 2, i // 3, i - 1}) if 0 <= d < i)
    folder = root / package(i)
    folder.mkdir(parents=True, exist_ok=True)
    text = BUILD.format(name=f"p{i}", deps=deps, edit=edit)
    (folder / "BUILD.dhall").write_text(text.replace("[  ]", "([] : List Text)"))


def write_workspace(root, count=PACKAGES):
    (root / "straylight.dhall").write_text("let S = env:STRAYLIGHT_PRELUDE in S.Workspace::{=}\n")
    (root / "common.dhall").write_text(COMMON)
    for i in range(count):
        write_package(root, i)


def rows(bench):
    program = bench.build("bench_packages") / "bench" / "bench_packages"
    top = pathlib.Path(tempfile.mkdtemp(prefix="straylight-bench-"))
    root, cache = top / "workspace", top / "cache"
    root.mkdir()
    write_workspace(root)
    edits = iter(range(10**6))

    def load():
        time.sleep(0.05)  # what was just written counts as settled
        return bench.figures(program, root, cache)[0]

    def cold():
        shutil.rmtree(cache, ignore_errors=True)
        return load()

    def edited():
        write_package(root, PACKAGES // 2, f"edit {next(edits)}")
        return load()

    def read():
        return bench.figures(program, root, cache, "--read")[0]

    try:
        cold_, one, none, limit = bench.interleaved(cold, edited, load, read)
    finally:
        shutil.rmtree(top)
    limit = limit["read"]
    return [
        Row("all evaluated", cold_["load"], "ms", "reading the files", limit),
        Row("one edited", one["load"], "ms", "all evaluated", cold_["load"], 0.1),
        Row("one edited", one["load"], "ms", "reading the files", limit),
        Row("none edited", none["load"], "ms", "reading the files", limit),
        Row("packages evaluated after one edit", one["evaluated"], "packages", "all", cold_["evaluated"]),
    ]


if __name__ == "__main__":
    target = pathlib.Path(sys.argv[1])
    target.mkdir(parents=True, exist_ok=True)
    write_workspace(target, int(sys.argv[2]) if len(sys.argv) > 2 else PACKAGES)
