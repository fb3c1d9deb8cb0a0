"""Long calls: Ctrl-C, other threads, progress."""

import signal
import subprocess
import sys
import threading
import time

import prodigest
from inputs import matrix


def run_python(code):
    return subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def test_ctrl_c_stops_a_long_sketch():
    # A minute of work, and a signal after it began.
    child = run_python("""
import numpy as np, prodigest, time
a = np.random.default_rng(1).normal(size=(60_000, 64))
print("ready", flush=True)
start = time.monotonic()
try:
    prodigest.sketch(a, "sign:size=60000")
    print("finished")
except KeyboardInterrupt:
    print("stopped", time.monotonic() - start)
""")
    assert child.stdout.readline() == "ready\n"
    time.sleep(1)
    sent = time.monotonic()
    child.send_signal(signal.SIGINT)
    out, err = child.communicate(timeout=60)
    assert out.startswith("stopped"), (out, err)
    assert time.monotonic() - sent < 5


def test_other_threads_run_during_a_sketch():
    ticks, done = [], threading.Event()

    def tick():
        while not done.is_set():
            ticks.append(time.monotonic())
            time.sleep(0.001)

    thread = threading.Thread(target=tick)
    a = matrix(20_000, 64)
    thread.start()
    start = time.monotonic()
    prodigest.sketch(a, "sign:size=2000", threads=1)
    end = time.monotonic()
    done.set()
    thread.join()
    during = [t for t in ticks if start < t < end]
    assert end - start > 0.1 and len(during) > 20


def test_a_sketch_can_be_made_on_another_thread():
    a, made = matrix(), []
    thread = threading.Thread(target=lambda: made.append(prodigest.sketch(a)))
    thread.start()
    thread.join()
    assert made == [prodigest.sketch(a)]


def test_progress_counts_all_rows(monkeypatch):
    shown = []

    class Bar:
        n = 0

        def __init__(self, **how):
            self.total = how["total"]

        def __enter__(self):
            return self

        def __exit__(self, *_):
            shown.append((self.n, self.total))

        def update(self, more):
            self.n += more

    monkeypatch.setitem(sys.modules, "tqdm", type(sys)("tqdm"))
    auto = type(sys)("tqdm.auto")
    auto.tqdm = Bar
    monkeypatch.setitem(sys.modules, "tqdm.auto", auto)
    a = matrix(5000)
    assert prodigest.sketch(a, progress=True) == prodigest.sketch(a)
    assert shown == [(5000, 5000)]


def test_importing_needs_numpy_alone():
    child = run_python("""
import sys, prodigest
heavy = ("scipy", "pandas", "pyarrow", "polars", "duckdb", "torch", "sklearn", "matplotlib", "tqdm")
print([name for name in heavy if name in sys.modules])
""")
    out, err = child.communicate(timeout=60)
    assert out == "[]\n", (out, err)
