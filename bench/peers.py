"""The two sides of the benchmarks as processes that answer in JSON, and where results go."""

import json
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
BATCH = 128
MODES = ("eager", "channels-last", "compiled")


class Torch:
    """A PyTorch process that holds one network."""

    def __init__(self, network_file, threads):
        self.process = subprocess.Popen(
            [sys.executable, os.path.join(HERE, "torch_runner.py"), network_file, str(threads)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def ask(self, request):
        self.process.stdin.write(request + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"PyTorch ended at: {request}")
        return json.loads(line)

    def close(self):
        self.process.stdin.close()
        self.process.wait()


class Runner:
    """thimble's side."""

    def __init__(self, program):
        self.program = program

    def ask(self, *words):
        run = subprocess.run([self.program, *map(str, words)], stdout=subprocess.PIPE, text=True, check=True)
        return json.loads(run.stdout)


def write_result(path, document):
    """Writes beside and renames, so that there is never half a result."""
    partial = path + ".part"
    with open(partial, "w") as file:
        json.dump(document, file, indent=1)
    os.replace(partial, path)
