"""One action in the sandbox, beside a plain posix_spawn and bwrap in the same run."""
import json
import subprocess


def rows(bench):
    program = bench.build("bench_sandbox") / "bench" / "bench_sandbox"
    shape = []

    def measure():
        text = subprocess.run([str(program)], check=True, text=True, stdout=subprocess.PIPE).stdout
        lines = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
        shape[:] = [(d["case"], d["unit"], d["peer"]) for d in lines]
        figures = {}
        for d in lines:
            figures[d["case"], d["peer"], "own"] = d["value"]
            figures[d["case"], d["peer"], "peer"] = d["peer_value"]
        return figures

    got = bench.interleaved(measure)[0]
    return [Row(case, got[case, peer, "own"], unit, peer, got[case, peer, "peer"]) for case, unit, peer in shape]
