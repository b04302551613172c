"""One epoch of CIFAR-10, augmentation included: thimble's engine against PyTorch, in turn.

    build/peer/bin/python bench/epoch_vs_torch.py RUNNER FOLDER RESULT.json

FOLDER holds the binary version of CIFAR-10. Both train the suite's CIFAR-10 network on 45,000 images, mirrored and
moved, batch 128, fp32, SGD with momentum, on one core and on all; PyTorch in each of its modes. The shortest of three epochs counts.
"""

import os
import sys
import tempfile

from peers import MODES, Runner, Torch, write_result

NETWORK = "cifar"
EPOCHS = 3


def main():
    program, folder, result = sys.argv[1:]
    folder = os.path.abspath(folder)
    runner = Runner(program)
    cores = len(os.sched_getaffinity(0))
    document = {"schema": 1, "network": NETWORK, "arrangements": {}}
    with tempfile.TemporaryDirectory() as scratch:
        runner.ask("describe", NETWORK, scratch)
        path = os.path.join(scratch, NETWORK + ".json")
        for threads in sorted({1, cores}):
            rows = {"thimble": runner.ask("epochs", NETWORK, folder, EPOCHS, threads)}
            torch = Torch(path, threads)
            for mode in MODES:
                rows[mode] = torch.ask(f"epochs {mode}/fp32 {folder} {EPOCHS}")
            torch.close()
            document["arrangements"][str(threads)] = rows
            ours = min(rows["thimble"]["seconds"])
            best = min(MODES, key=lambda mode: min(rows[mode]["seconds"]))
            theirs = min(rows[best]["seconds"])
            share = rows["thimble"]["seconds_of_batches"] / ours
            print(
                f"{threads} threads: thimble {ours:.2f} s (batches {100 * share:.1f} %), PyTorch {theirs:.2f} s ({best}): {theirs / ours:.2f} times;"
                f" losses {rows['thimble']['losses'][-1]:.3f} and {rows[best]['losses'][-1]:.3f} after {EPOCHS}"
            )
    write_result(result, document)


main()
