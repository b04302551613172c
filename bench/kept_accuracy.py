"""Whether keeping values and gradients in bfloat16 between batch norm's passes costs accuracy.

    python3 bench/kept_accuracy.py RUNNER RESULT.json CIFAR-10-FOLDER [--epochs N] [--seeds N]

Trains the suite's Fashion-MNIST network and its CIFAR-10 network with a search's final recipe, each seed in both
precisions, and prints the int8 test accuracies, their means and the mean difference of the pairs with its standard error.
"""

import argparse
import os
import statistics
from concurrent.futures import ThreadPoolExecutor

from peers import Runner, write_result

KEPT = ("single", "bfloat16")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runner")
    parser.add_argument("result")
    parser.add_argument("cifar")
    parser.add_argument("--epochs", type=int, default=30)
    parser.add_argument("--seeds", type=int, default=5)
    options = parser.parse_args()
    runner = Runner(options.runner)
    document = {"schema": 1, "epochs": options.epochs, "sets": {}}
    for network, data in (("fashion", "fashion-mnist"), ("cifar", options.cifar)):
        cases = [(seed, kept) for seed in range(options.seeds) for kept in KEPT]
        with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
            answers = list(pool.map(lambda case: runner.ask("accuracy", network, data, options.epochs, *case), cases))
        accuracies = {kept: [100 * a["accuracy"] for (_, k), a in zip(cases, answers) if k == kept] for kept in KEPT}
        differences = [half - single for single, half in zip(*accuracies.values())]
        error = statistics.stdev(differences) / len(differences) ** 0.5
        document["sets"][network] = {**accuracies, "difference": statistics.mean(differences), "standard_error": error}
        for kept in KEPT:
            values = accuracies[kept]
            print(f"{network:8} {kept:9} {statistics.mean(values):.2f} ± {statistics.stdev(values):.2f} %  ({', '.join(f'{v:.2f}' for v in values)})", flush=True)
        print(f"{network:8} bfloat16 − single: {statistics.mean(differences):+.2f}, standard error {error:.2f}", flush=True)
    write_result(options.result, document)


main()
