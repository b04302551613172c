#!/usr/bin/env python3
"""What TensorFlow Lite Micro's interpreter allocates for .tflite files.

arena_tflite.py LIST     (lines of a file's name and an arena's size in bytes, a tab between)

Writes one line for each, tabs between: total, head, tail as the interpreter reports them in an arena that is large enough; then 1 or 0,
whether it can be allocated in an arena of that size, and the same for 16 bytes less. A file that is refused has an empty line, and its
reason on stderr.
"""

import os
import re
import sys

import run_tflite


def interpreter(path, size):
    from tflite_micro.python.tflite_micro import runtime

    return runtime.Interpreter.from_file(path, arena_size=size)


def reported(path):
    """Total, head and tail."""
    with run_tflite.captured_stderr() as said:
        interpreter(path, run_tflite.ARENA_BYTES).print_allocations()
    return [
        next(int(m[1]) for m in (re.search(rf"allocation {part} (\d+) bytes", line) for line in said) if m)
        for part in ("total", "head", "tail")
    ]


def fits(path, size):
    """In a process of its own, for in an arena that is too small some kernels write through a null pointer."""
    child = os.fork()
    if child == 0:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        try:
            interpreter(path, size)
        except RuntimeError:
            os._exit(1)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    refused = False
    with open(sys.argv[1]) as lines:
        jobs = [line.rstrip("\n").split("\t") for line in lines]
    for path, size in jobs:
        try:
            figures = reported(path) + [int(fits(path, int(size))), int(fits(path, int(size) - 16))]
        except RuntimeError as error:
            print(f"{path}: {error}", file=sys.stderr)
            refused = True
            figures = []
        print(*figures, sep="\t")
    return 1 if refused else 0


if __name__ == "__main__":
    sys.exit(main())
