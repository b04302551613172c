"""Where the time of a training step goes, and how far each kind of operator is from what one core can do.

    python3 bench/roofline.py RUNNER RESULT.json [NETWORK...]

A kind's bound is the longer of two times: its multiply-adds at the core's peak, its bytes at the second cache's rate.
Where it takes longer than that, the difference is left on the table.
"""

import sys
from collections import defaultdict

from peers import BATCH, Runner, write_result

STEPS = 20


def kinds(rows, limits):
    """The step's kinds of operators, the one that takes longest first."""
    sums = defaultdict(lambda: {"seconds": 0.0, "macs": 0.0, "bytes": 0.0})
    for row in rows:
        for figure in sums[row["step"]]:
            sums[row["step"]][figure] += row[figure]
    total = sum(kind["seconds"] for kind in sums.values())
    for kind in sums.values():
        bound = max(2 * kind["macs"] / limits["flops"], kind["bytes"] / limits["cache_bandwidth"])
        kind["share"] = kind["seconds"] / total
        kind["of_bound"] = bound / kind["seconds"] if kind["seconds"] else 0
    return total, dict(sorted(sums.items(), key=lambda item: -item[1]["seconds"]))


def main():
    program, result, *names = sys.argv[1:]
    runner = Runner(program)
    limits = runner.ask("limits")
    print(f"one core: {limits['flops'] / 1e9:.0f} GFLOP/s, {limits['bandwidth'] / 1e9:.0f} GB/s from memory, {limits['cache_bandwidth'] / 1e9:.0f} GB/s from the second cache")
    document = {"schema": 1, "limits": limits, "networks": {}}
    for name in names or runner.ask("list"):
        seconds, steps = kinds(runner.ask("profile", name, STEPS, "single"), limits)
        document["networks"][name] = {"seconds": seconds, "steps": steps}
        print(f"{name}: {BATCH / seconds:,.0f} samples/s")
        for step, kind in steps.items():
            if kind["share"] < 0.02:
                continue
            flops, rate = 2 * kind["macs"] / kind["seconds"], kind["bytes"] / kind["seconds"]
            print(
                f"  {step:34} {100 * kind['share']:4.1f} % of the time  {flops / 1e9:6.1f} GFLOP/s ({100 * flops / limits['flops']:3.0f} %)"
                f"  {rate / 1e9:6.1f} GB/s  at {100 * kind['of_bound']:3.0f} % of its bound"
            )
    write_result(result, document)


main()
