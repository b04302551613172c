"""thimble's engine against PyTorch, in one run: the same networks, batch, optimiser and samples.

    build/peer/bin/python bench/engine_vs_torch.py RUNNER RESULT.json [--networks A,B] [--seconds S] [--precisions fp32]

First both must compute the same: loss and gradients of the first step agree within 1e-4 with PyTorch's in double, or
the gradients at least about as well as PyTorch's in fp32 do. Then samples per second, as one network on one core, one
network on all cores, and one network per core, both sides in turn, the best of four turns each: a machine that others
use too is only ever slowed down. PyTorch's modes are eager, channels-last and compiled, each in fp32 and under bf16
autocast, and the best of them counts. thimble computes in fp32 throughout; what waits for batch norm it keeps in fp32
or, in the columns `half`, in bfloat16.
"""

import argparse
import importlib.metadata
import json
import math
import os
import platform
import statistics
import tempfile
import threading
import time

from peers import BATCH, MODES, Runner, Torch, write_result

PRECISIONS = ("fp32", "bf16")  # fp32 is what ours is compared with; bf16 may be left out where it is known to be slow
ROUNDS = 4
REST = 0.3  # seconds; the threads of an OpenMP library go on spinning for 0.2 after their work
TOLERANCE = 1e-4
KEPT = ("single", "bfloat16")
ARRANGEMENTS = ("one_core", "all_cores", "network_per_core")


def at_once(jobs):
    """Runs the jobs side by side; their answers in order."""
    answers = [None] * len(jobs)

    def work(index):
        answers[index] = jobs[index]()

    threads = [threading.Thread(target=work, args=(i,)) for i in range(len(jobs))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def rested(turn):
    time.sleep(REST)
    return turn()


def rate(answers):
    return sum(answer["samples_per_second"] for answer in answers)


def compare(runner, name, cores, seconds, precisions, folder):
    runner.ask("describe", name, folder)
    path = os.path.join(folder, name + ".json")
    with open(path) as file:
        macs = json.load(file)["macs"]
    alone = [Torch(path, 1)]
    agreement = alone[0].ask("check")
    allowed = max(TOLERANCE, 2 * agreement["gradient_of_torch"])
    if not (agreement["loss"] <= TOLERANCE and agreement["gradient"] <= allowed):
        raise SystemExit(f"{name}: the first steps differ: {agreement}")

    survey = {f"{mode}/{precision}": alone[0].ask(f"{mode}/{precision} {seconds}")["samples_per_second"] for mode in MODES for precision in precisions}
    best = {precision: max(MODES, key=lambda mode: survey[f"{mode}/{precision}"]) + "/" + precision for precision in precisions}
    alone += [Torch(path, 1) for _ in range(cores - 1)]
    together = Torch(path, cores)

    def thimble(arrangement, kept):
        if arrangement == "all_cores":
            return rate([runner.ask("speed", name, seconds, cores, kept)])
        count = cores if arrangement == "network_per_core" else 1
        return rate(at_once([lambda: runner.ask("speed", name, seconds, 1, kept)] * count))

    def torch(arrangement, case):
        if arrangement == "all_cores":
            return rate([together.ask(f"{case} {seconds}")])
        workers = alone if arrangement == "network_per_core" else alone[:1]
        return rate(at_once([lambda worker=worker: worker.ask(f"{case} {seconds}") for worker in workers]))

    result = {"macs": macs, "agreement": agreement, "survey": survey, "best_mode": best}
    for arrangement in ARRANGEMENTS:
        for case in best.values():  # compile, so that the turns are alike
            torch(arrangement, case)
        sides = {k: lambda k=k: thimble(arrangement, k) for k in KEPT} | {p: lambda p=p: torch(arrangement, best[p]) for p in precisions}
        rounds = [{side: rested(turn) for side, turn in sides.items()} for _ in range(ROUNDS)]
        result[arrangement] = {side: max(r[side] for r in rounds) for side in sides}
    for worker in (*alone, together):
        worker.close()
    result["memory"] = {kept: runner.ask("speed", name, 0.1, 1, kept)["bytes"] for kept in KEPT}
    result["traffic_per_sample"] = sum(row["bytes"] for row in runner.ask("profile", name, 1, "single")) / BATCH
    result["half"] = {a: result[a]["bfloat16"] / result[a]["single"] for a in ARRANGEMENTS}
    # Ours in fp32: bfloat16 counts once kept_accuracy has shown that it costs nothing.
    result["fastest"] = max(result[a]["single"] for a in ARRANGEMENTS) / max(result[a][p] for a in ARRANGEMENTS for p in precisions)
    for precision, kept in zip(precisions, KEPT):
        ours = {a: result[a][kept] for a in ARRANGEMENTS}
        theirs = {a: result[a][precision] for a in ARRANGEMENTS}
        result[precision] = {
            "thimble": ours,
            "torch": theirs,
            "ratio": {**{a: ours[a] / theirs[a] for a in ARRANGEMENTS}, "best": max(ours.values()) / max(theirs.values())},
        }
    for arrangement in ARRANGEMENTS:
        del result[arrangement]
    return result


def summary(ratios):
    return {"geomean": math.exp(statistics.mean(math.log(r) for r in ratios)), "min": min(ratios)}


def cpu():
    try:
        with open("/proc/cpuinfo") as file:
            return next(line.split(":")[1].strip() for line in file if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runner")
    parser.add_argument("result")
    parser.add_argument("--networks", help="only these, separated by commas")
    parser.add_argument("--seconds", type=float, default=1.0, help="of each measurement")
    parser.add_argument("--precisions", default=",".join(PRECISIONS), help="of PyTorch: fp32,bf16 or fp32")
    options = parser.parse_args()
    precisions = options.precisions.split(",")
    if precisions not in (["fp32"], ["fp32", "bf16"]):
        parser.error(f"--precisions {options.precisions}: must be fp32,bf16 or fp32")
    runner = Runner(options.runner)
    names = options.networks.split(",") if options.networks else runner.ask("list")
    cores = len(os.sched_getaffinity(0))
    version = importlib.metadata.version("torch")
    limits = runner.ask("limits")
    print(f"{cpu()}, {cores} cores; PyTorch {version}; {limits['flops'] / 1e9:.0f} GFLOP/s and {limits['bandwidth'] / 1e9:.1f} GB/s a core")
    print(f"{'samples/s':18} {'1 core':>9} {'torch':>8} {'bf16':>8} {'ratio':>6} {'all':>6} {'each':>6} {'best':>6} {'half':>5} {'fastest':>7} {'peak':>6} {'memory':>7} {'MiB':>5} {'half':>4} {f'{cores} cores':>7}")
    networks = {}
    for name in names:
        with tempfile.TemporaryDirectory() as folder:
            network = networks[name] = compare(runner, name, cores, options.seconds, precisions, folder)
        fp32 = network["fp32"]
        network["peak_fraction"] = 6 * network["macs"] * fp32["thimble"]["one_core"] / limits["flops"]
        network["traffic_fraction"] = network["traffic_per_sample"] * fp32["thimble"]["one_core"] / limits["bandwidth"]
        network["scaling"] = {a: fp32["thimble"][a] / fp32["thimble"]["one_core"] for a in ARRANGEMENTS}
        ratio = fp32["ratio"]
        bf16 = network["bf16"]["torch"]["one_core"] if "bf16" in network else math.nan
        print(
            f"{name:18} {fp32['thimble']['one_core']:9.0f} {fp32['torch']['one_core']:8.0f} {bf16:8.0f} {ratio['one_core']:6.2f} {ratio['all_cores']:6.2f}"
            f" {ratio['network_per_core']:6.2f} {ratio['best']:6.2f} {network['half']['one_core']:5.2f} {network['fastest']:7.2f} {100 * network['peak_fraction']:4.0f} % {100 * network['traffic_fraction']:5.0f} %"
            f" {network['memory']['single'] / 2**20:5.0f} {network['memory']['bfloat16'] / 2**20:4.0f} {network['scaling']['all_cores']:7.2f}",
            flush=True,
        )
    document = {
        "schema": 1,
        "torch": version,
        "cpu": cpu(),
        "cores": cores,
        "limits": limits,
        "precisions": precisions,
        "networks": networks,
        "fp32": summary([n["fp32"]["ratio"]["best"] for n in networks.values()]),
        "fastest": summary([n["fastest"] for n in networks.values()]),
        "scaling": {a: summary([n["scaling"][a] for n in networks.values()]) for a in ARRANGEMENTS},
    }
    for arrangement in ARRANGEMENTS:
        document["fp32"][arrangement] = summary([n["fp32"]["ratio"][arrangement] for n in networks.values()])
    for which in ("fp32", "fastest"):
        print(f"{which}: geometric mean {document[which]['geomean']:.2f}, least {document[which]['min']:.2f}")
    for arrangement in ARRANGEMENTS[1:]:
        scaling = document["scaling"][arrangement]
        print(f"thimble, {arrangement.replace('_', ' ')}, against one core: geometric mean {scaling['geomean']:.2f}, least {scaling['min']:.2f}")
    write_result(options.result, document)


main()
