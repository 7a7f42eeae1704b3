"""The Nix language on a real nixpkgs, beside Nix: one package's derivation path, and all of them."""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

HELLO, USER, MEMORY = 0.25, 0.4, 0.7  # the largest shares of Nix's wall time, user time and memory


def run(command, env):
    begin = time.monotonic()
    child = subprocess.Popen([str(c) for c in command], env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    return {"wall": time.monotonic() - begin, "user": used.ru_utime, "MB": used.ru_maxrss / 1024}


def rows(bench):
    tree = os.environ.get("STRAYLIGHT_NIXPKGS")
    if not tree or not shutil.which("nix-instantiate"):
        sys.exit("bench/nix needs nix-bin and STRAYLIGHT_NIXPKGS, a checkout of nixpkgs")
    program = bench.build("straylight") / "src" / "cmd" / "straylight"
    with tempfile.TemporaryDirectory() as work:
        os.mkdir(os.path.join(work, "conf"))
        env = {**os.environ, "NIX_STATE_DIR": work + "/state", "NIX_LOG_DIR": work + "/log", "NIX_CONF_DIR": work + "/conf"}
        hello = f"(import {pathlib.Path(tree).resolve()} {{ }}).hello.drvPath"
        ours, nix = bench.interleaved(lambda: run([program, "nix", "eval", "-E", hello], env),
                                      lambda: run(["nix-instantiate", "--eval", "-E", hello], env), rounds=3 * bench.rounds)
        all_ours, all_nix = bench.interleaved(
            lambda: run([program, "nix", "instantiate", "--readonly-mode", "--all", tree], env),
            lambda: run(["nix-env", "-f", tree, "-qaP", "--drv-path", "--no-name"], env), rounds=max(bench.rounds // 3, 1))
    return [
        Row("hello's derivation path", ours["wall"], "s", "nix", nix["wall"], HELLO),
        Row("all packages, user time", all_ours["user"], "s", "nix", all_nix["user"], USER),
        Row("all packages, memory", all_ours["MB"], "MB", "nix", all_nix["MB"], MEMORY),
    ]
