"""What sketch() through Python costs more than in C++, on one float32 matrix.

    python bench/python/sketch_overhead.py build/release/bench/bench_sketch_seconds

The C++ program and Python take turns in one run, so that what else the machine does meets both.
Printed are the medians of each and the median of the ratios of neighbours, with quartiles: of the
time that passed and, for a machine that does other things too, of that spent computing, and the
ratio of the times that a tenth of each did not exceed.
"""

import argparse
import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np
import prodigest

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("program", help="bench_sketch_seconds, as built with PRODIGEST_BUILD_BENCH")
parser.add_argument("--rows", type=int, default=1_000_000)
parser.add_argument("--cols", type=int, default=64)
parser.add_argument("--times", type=int, default=31)
parser.add_argument("--threads", type=int, default=1)
parser.add_argument("--spec", action="append", help="default: priority and countsketch of 1024")
options = parser.parse_args()


def in_cpp(program):
    program.stdin.write("\n")
    program.stdin.flush()
    return [float(seconds) for seconds in program.stdout.readline().split()]


def in_python(a, spec):
    cpu, start = time.process_time(), time.perf_counter()
    prodigest.sketch(a, spec, threads=options.threads)
    return time.perf_counter() - start, time.process_time() - cpu


a = np.random.default_rng(1).standard_normal((options.rows, options.cols), np.float32)
print(f"{options.rows} x {options.cols} float32, {options.threads} threads, {options.times} pairs")
with tempfile.TemporaryDirectory() as folder:
    path = Path(folder) / "a.npy"
    np.save(path, a)
    for spec in options.spec or ["priority:size=1024", "countsketch:size=1024"]:
        with subprocess.Popen(
            [options.program, path, spec, str(options.threads)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as program:
            pairs = np.array(
                [(in_cpp(program), in_python(a, spec)) for _ in range(options.times + 1)]
            )[1:]  # the first of each finds cold caches
            program.stdin.close()
        for clock, times in zip(("passed", "computed"), np.moveaxis(pairs, 2, 0), strict=True):
            low, middle, high = np.percentile(times[:, 1] / times[:, 0], [25, 50, 75])
            cpp, python = 1e3 * np.median(times, axis=0)
            fast_cpp, fast_python = np.percentile(times, 10, axis=0)
            print(
                f"{spec}, {clock}: C++ {cpp:.1f} ms, Python {python:.1f} ms, "
                f"ratio {middle:.3f} (quartiles {low:.3f} to {high:.3f}), "
                f"of the fastest tenth {fast_python / fast_cpp:.3f}"
            )
