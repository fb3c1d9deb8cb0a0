"""The prodigest command, as the figures call it."""

import json
import pathlib
import subprocess
import tempfile

import numpy as np

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROGRAM = ROOT / "build" / "run" / "cli" / "prodigest"
OUTPUT = ROOT / "build" / "reproduce"


def prodigest(*arguments):
    """Runs the command and returns its JSON answer."""
    words = [str(PROGRAM), *map(str, arguments), "--json", "-q"]
    run = subprocess.run(words, capture_output=True, text=True)
    if run.returncode:
        raise SystemExit(f"{' '.join(words)}\n{run.stderr}")
    return json.loads(run.stdout)


class Workshop:
    """A folder for matrices and digests that goes away at the end."""

    def __init__(self):
        self._folder = tempfile.TemporaryDirectory()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._folder.cleanup()

    def path(self, name):
        return pathlib.Path(self._folder.name) / name

    def sketch(self, matrix, method, name):
        prodigest("sketch", matrix, "--method", method, "-o", self.path(name))
        return self.path(name)

    def truncate(self, digest, size, name):
        prodigest("truncate", digest, "--size", size, "-o", self.path(name))
        return self.path(name)

    def product(self, a, b):
        prodigest("product", a, b, "--top", 0, "-o", self.path("product.npy"))
        return np.load(self.path("product.npy"))

    def regress(self, a, b, estimator, ridge):
        prodigest("regress", a, b, "--estimator", estimator, "--ridge", repr(float(ridge)),
                  "--no-intercept", "-o", self.path("x.npy"))
        return np.load(self.path("x.npy"))
