"""The engine beside a bare look-up in the same run, and beside what Meta's DICE was measured at."""

# case: how many times the bare look-up it may cost
BARS = {"cache_hits(10)": 5, "linear_chain(10)": 10, "incremental_update(1000)": 80}

# case: Meta's DICE (Rust), measured once on such a machine; README.md says which of its two programs
META = {
    "cache_hits(10)": 71,
    "linear_chain(10)": 300,
    "linear_chain(100)": 31e3,
    "linear_chain(1000)": 2.7e6,
    "diamond(1000)": 3.0e6,
    "parallel_independent(1000)": 0.68e6,
    "incremental_update(10)": 0.21e6 / 10,
    "incremental_update(100)": 2.1e6 / 100,
    "incremental_update(1000)": 24e6 / 1000,
    "empty commit": 12e3,
    "equal value injected, chain of 1000": 22e3,
    "fan of 1000, base changed": 4.2e6 / 1000,
    "100k keys found, in order": 324,
    "100k keys found, at random": 481,
    "1M chain, held": 543,
    "1M wide, held": 543,
    "1M wide, cold": 8700,
}

NODE_BYTES = 120


def rows(bench):
    program = bench.build("bench_dice") / "bench" / "bench_dice"
    units = {}

    def measure():
        values, new = bench.figures(program)
        units.update(new)
        return values

    got = bench.interleaved(measure)[0]
    out = []
    for case, bar in BARS.items():
        out.append(Row(case, got[case], units[case], "bare look-up", got["floor"], bar))
    for case in got:
        if units[case] == "B/node":
            out.append(Row(case, got[case], units[case], "limit", NODE_BYTES, 1))
    for case in got:
        if case in META:
            out.append(Row(case, got[case], units[case], "Meta's DICE, recorded", META[case]))
        elif case not in BARS and units[case] != "B/node" and case != "floor":
            out.append(Row(case, got[case], units[case], "bare look-up", got["floor"]))
    return out
