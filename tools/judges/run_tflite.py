#!/usr/bin/env python3
"""Runs int8 .tflite files on an interpreter that is not ours, and writes the raw int8 outputs.

One model:   run_tflite.py MODEL INPUT.bin OUTPUT.bin --judge tflm
Many:        run_tflite.py --batch-list FILE --judge litert     (lines of the three names, tabs between)

INPUT.bin holds samples one after another, each as the model's first input wants it; OUTPUT.bin gets the first output of each.
A model that the judge refuses leaves no output and a line on stderr; the others are still run, and the exit code is 1.
"""

import argparse
import contextlib
import os
import sys
import tempfile

import numpy as np

ARENA_BYTES = 16 << 20


@contextlib.contextmanager
def captured_stderr():
    """What C++ writes to file descriptor 2 meanwhile: the interpreters say there why they refuse a model."""
    sys.stderr.flush()
    with tempfile.TemporaryFile() as sink:
        saved = os.dup(2)
        os.dup2(sink.fileno(), 2)
        said = []
        try:
            yield said
        finally:
            os.dup2(saved, 2)
            os.close(saved)
            sink.seek(0)
            said.extend(sink.read().decode(errors="replace").split("\n"))


class TfliteMicro:
    """TensorFlow Lite Micro with its reference kernels."""

    def __init__(self, path):
        from tflite_micro.python.tflite_micro import runtime

        self.interpreter = runtime.Interpreter.from_file(path, arena_size=ARENA_BYTES)
        self.shape = self.interpreter.get_input_details(0)["shape"]

    def __call__(self, sample):
        self.interpreter.set_input(sample, 0)
        self.interpreter.invoke()
        return self.interpreter.get_output(0)


class LiteRt:
    """TensorFlow Lite with its reference kernels: no delegates, no optimised kernels."""

    def __init__(self, path):
        from ai_edge_litert.interpreter import Interpreter, OpResolverType

        self.interpreter = Interpreter(
            model_path=path, experimental_op_resolver_type=OpResolverType.BUILTIN_REF
        )
        self.interpreter.allocate_tensors()
        details = self.interpreter.get_input_details()[0]
        self.input, self.shape = details["index"], details["shape"]
        self.output = self.interpreter.get_output_details()[0]["index"]

    def __call__(self, sample):
        self.interpreter.set_tensor(self.input, sample)
        self.interpreter.invoke()
        return self.interpreter.get_tensor(self.output)


JUDGES = {"tflm": TfliteMicro, "litert": LiteRt}


def judge(kind, model, input_path, output_path):
    runner = JUDGES[kind](model)
    samples = np.fromfile(input_path, dtype=np.int8).reshape([-1, *runner.shape])
    outputs = [np.asarray(runner(sample)).tobytes() for sample in samples]
    with open(output_path, "wb") as file:
        file.write(b"".join(outputs))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("files", nargs="*", metavar="MODEL INPUT.bin OUTPUT.bin")
    parser.add_argument("--judge", choices=JUDGES, required=True)
    parser.add_argument("--batch-list", metavar="FILE")
    arguments = parser.parse_args()
    if bool(arguments.batch_list) == bool(arguments.files) or len(arguments.files) not in (0, 3):
        parser.error("give MODEL INPUT.bin OUTPUT.bin, or --batch-list")
    jobs = [arguments.files]
    if arguments.batch_list:
        with open(arguments.batch_list) as lines:
            jobs = [line.rstrip("\n").split("\t") for line in lines]

    refused = 0
    for job in jobs:
        with captured_stderr() as said:
            try:
                judge(arguments.judge, *job)
                failure = None
            except (RuntimeError, ValueError) as error:
                failure = error
        if failure is not None:
            refused += 1
            reasons = [line for line in said if line and not line.startswith("INFO:")]
            print(f"{job[0]}: {failure} {' | '.join(reasons)}".replace("\n", " "), file=sys.stderr)
    return 1 if refused else 0


if __name__ == "__main__":
    sys.exit(main())
