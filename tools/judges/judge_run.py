#!/usr/bin/env python3
"""Judges the exported networks of a run: TensorFlow Lite Micro must answer, byte for byte, what thimble answers.

judge_run.py RUN [--samples N] [--program build/thimble]

For each finalist of RUN/front.json: N pseudo-random int8 samples through `thimble infer` and through tflite-micro's interpreter.
Exit code 3 when a byte differs.
"""

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

import numpy as np

import run_tflite


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("run", type=pathlib.Path)
    parser.add_argument("--samples", type=int, default=200)
    parser.add_argument("--program", default="build/thimble")
    arguments = parser.parse_args()

    front = json.loads((arguments.run / "front.json").read_text())["front"]
    models = [entry["model"] for entry in front if entry["finalist"]]
    different = 0
    with tempfile.TemporaryDirectory() as folder:
        given, ours, theirs = (f"{folder}/{name}" for name in ("given", "ours", "theirs"))
        for model in models:
            shape = run_tflite.TfliteMicro(model).shape
            samples = np.random.default_rng(0).integers(-128, 128, (arguments.samples, *shape[1:]), np.int8)
            samples.tofile(given)
            subprocess.run(
                [arguments.program, "infer", model, "--input", given, "-o", ours, "--quiet"], check=True
            )
            run_tflite.judge("tflm", model, given, theirs)
            a, b = np.fromfile(ours, np.int8), np.fromfile(theirs, np.int8)
            wrong = int(np.sum(a != b)) if a.shape == b.shape else a.size
            different += wrong
            print(f"{model}: tflite-micro, {arguments.samples} inputs: {wrong} of {a.size} output bytes differ")
    if not models:
        sys.exit("judge_run: the run has no finalists")
    sys.exit(3 if different else 0)


if __name__ == "__main__":
    main()
