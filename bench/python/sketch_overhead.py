"""What sketch() through Python costs more than in C++, on one float32 matrix.

    python bench/python/sketch_overhead.py build/release/bench/bench_sketch_seconds

The C++ program and Python take turns in one run, so that what else the machine does meets both.
Printed are the medians of each and the median of the ratios of neighbours, with quartiles.
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

            def cpp() -> float:
                program.stdin.write("\n")
                program.stdin.flush()
                return float(program.stdout.readline().split()[0])

            def python() -> float:
                start = time.perf_counter()
                prodigest.sketch(a, spec, threads=options.threads)
                return time.perf_counter() - start

            cpp(), python()  # the first of each finds cold caches
            pairs = np.array([(cpp(), python()) for _ in range(options.times)])
            program.stdin.close()
        ratios = pairs[:, 1] / pairs[:, 0]
        low, middle, high = np.percentile(ratios, [25, 50, 75])
        seconds = np.median(pairs, axis=0)
        print(
            f"{spec}: C++ {1e3 * seconds[0]:.1f} ms, Python {1e3 * seconds[1]:.1f} ms, "
            f"ratio {middle:.3f} (quartiles {low:.3f} to {high:.3f})"
        )
