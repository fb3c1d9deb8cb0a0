"""One product with a Gaussian kernel matrix, exactly: numpy, scikit-learn, KeOps where it is installed, and this
library; then to an error of 0.05 of |x|. Hierarchical points of 64 coordinates, wall clock, all cores.

Then row sums (x = 1), which is what DEANN estimates, if it is installed (github.com/mkarppa/deann; its neighbours are
found by faiss): on one thread, as its default build has no more; clustered points too; as many samples as bring it to
this library's error.
"""

import statistics
import sys
import time

import numpy as np

from command import Workshop, prodigest

DIM, EPSILON, CHUNK = 64, 0.05, 1024


def tree(count, draw):
    """Kernel values fall by 2^-1.25 with each level that two points' common ancestor is higher up."""
    step = np.sqrt(1.25 * np.log(2) / DIM)
    points = np.zeros((1, DIM))
    while len(points) < count:
        points = np.repeat(points, 2, axis=0)
        points = points + step * draw.standard_normal(points.shape)
    return draw.permutation(points[:count]).astype(np.float32)


def clusters(count, draw):
    """Clusters of 32 with kernel values of about 0.15 within one and 1e-7 elsewhere."""
    centres = np.repeat(np.sqrt(16 / DIM) * draw.standard_normal((count // 32, DIM)), 32, axis=0)
    within = np.sqrt(-np.log(0.15) / DIM) * draw.standard_normal(centres.shape)
    return draw.permutation(centres + within).astype(np.float32)


def by_numpy(points, x):
    norms, out = (points**2).sum(axis=1), np.empty(len(points))
    for first in range(0, len(points), CHUNK):
        some = slice(first, first + CHUNK)
        exponents = points[some] @ points.T
        exponents -= 0.5 * norms[some, None]
        exponents -= 0.5 * norms
        out[some] = np.exp(exponents, out=exponents) @ x
    return out


def by_scikit_learn(points, x):
    from sklearn.metrics.pairwise import rbf_kernel

    return np.concatenate([rbf_kernel(points[first:first + CHUNK], points, gamma=0.5) @ x
                           for first in range(0, len(points), CHUNK)])


def by_keops(points, x):
    from pykeops.numpy import LazyTensor

    apart = LazyTensor(points[:, None, :]) - LazyTensor(points[None, :, :])
    return ((-(apart**2).sum(-1) / 2).exp() @ x[:, None]).ravel()


class Neighbours:
    """What DEANN asks for neighbours, query by query; they were found in one search, which is faster."""

    def __init__(self, index, queries, near):
        squares, self._found = index.search(queries, near)
        self._distances, self._next = np.sqrt(np.maximum(squares, 0)), 0

    def query(self, _, near):
        self._next += 1
        return self._distances[self._next - 1], self._found[self._next - 1], np.array([near])


def faiss_index(points, cells):
    import faiss

    faiss.omp_set_num_threads(1)
    index = faiss.index_factory(DIM, f"IVF{cells},Flat")
    index.train(points)
    index.add(points)
    index.nprobe = 16
    return index


def by_deann(points, queries, index, near, samples):
    import deann

    estimator = deann.AnnEstimatorPermuted(1.0, "gaussian", near, samples, Neighbours(index, queries, near), 1)
    estimator.fit(points)
    return len(points) * estimator.query(queries)[0].astype(float)


def by_deann_exactly(points):
    import deann

    estimator, queries = deann.NaiveKde(1.0, "gaussian"), points.copy()  # it refuses queries that are the keys
    estimator.fit(points)
    return len(points) * np.concatenate([estimator.query(queries[first:first + CHUNK])[0].astype(float)
                                         for first in range(0, len(points), CHUNK)])


def row_sums(name, points, cells, nears, draw):
    count = len(points)
    with Workshop() as workshop:
        for file, array in (("points", points), ("x", np.ones(count))):
            np.save(workshop.path(f"{file}.npy"), array)

        def ours(*options):
            report = prodigest("kernel", "apply", "--keys", workshop.path("points.npy"), "--x", workshop.path("x.npy"),
                               "--bandwidth", 1, "--threads", 1, "-o", workshop.path("y.npy"), *options)
            return report, np.load(workshop.path("y.npy")).ravel()

        report, exact = ours("--exact")
        print(f"{count} points, {name}, row sums: seconds, error of |x|, median of relative errors")

        def line(what, seconds, result):
            off = np.abs(result - exact)
            print(f"  {what:42} {seconds:9.3f} {np.sqrt(np.mean(off**2)):9.1e} {np.median(off / exact):9.1e}",
                  flush=True)

        line("prodigest, exact", report["seconds"], exact)
        report, y = ours("--epsilon", EPSILON)
        line(f"prodigest, epsilon {EPSILON}", report["seconds"], y)
        line("  with its plan", report["seconds"] + report["plan"]["seconds"], y)
    wanted, queries = np.mean((y - exact) ** 2), points.copy()
    some = draw.choice(count, 2048, replace=False)
    try:
        begin = time.perf_counter()
        result = by_deann_exactly(points)
        line("DEANN, NaiveKde", time.perf_counter() - begin, result)
        begin = time.perf_counter()
        index = faiss_index(points, cells)
    except ImportError as error:
        return print(f"  DEANN: {error}")
    indexed = time.perf_counter() - begin
    for near in nears:
        # The variance of a mean of samples without replacement, by a trial with 1,024.
        variance = np.mean((by_deann(points, queries[some], index, near, 1024) - exact[some]) ** 2)
        samples = max(16, round(1 / (1 / count + (1 / 1024 - 1 / count) * wanted / variance)))
        begin = time.perf_counter()
        result = by_deann(points, queries, index, near, min(samples, count - near))
        line(f"DEANN, {near} neighbours and {samples} samples", indexed + time.perf_counter() - begin, result)


def timed(work, *arguments):
    """Median of three, after one that compiles and warms up; None where the library is not installed."""
    try:
        result = work(*arguments)
    except ImportError:
        return None, None
    times = []
    for _ in range(3):
        begin = time.perf_counter()
        work(*arguments)
        times.append(time.perf_counter() - begin)
    return statistics.median(times), result


def main():
    draw = np.random.default_rng(1)
    for count in map(int, sys.argv[1:] or ["16384", "65536"]):
        points, x = tree(count, draw), draw.standard_normal(count).astype(np.float32)
        with Workshop() as workshop:
            for name, array in (("points", points), ("x", x)):
                np.save(workshop.path(f"{name}.npy"), array)

            def ours(*options):
                arguments = ("--keys", workshop.path("points.npy"), "--x", workshop.path("x.npy"), "--bandwidth", 1,
                             "-o", workshop.path("y.npy"), *options)
                reports = [prodigest("kernel", "apply", *arguments) for _ in range(3)]
                return reports[1], np.load(workshop.path("y.npy")).ravel()

            report, exact = ours("--exact")
            print(f"{count} points, seconds and error of |x|")

            def line(name, seconds, result):
                if seconds is None:
                    return print(f"  {name:34} not installed")
                error = np.linalg.norm(result - exact) / np.linalg.norm(x)
                print(f"  {name:34} {seconds:9.3f} {error:9.1e}", flush=True)

            if count <= 16384:
                line("KeOps", *timed(by_keops, points, x))
            line("scikit-learn, rbf_kernel in chunks", *timed(by_scikit_learn, points, x))
            line("numpy in chunks", *timed(by_numpy, points, x))
            line("prodigest, exact", report["seconds"], exact)
            report, y = ours("--epsilon", EPSILON)
            line(f"prodigest, epsilon {EPSILON}", report["seconds"], y)
            line("  with its plan", report["seconds"] + report["plan"]["seconds"], y)
        row_sums("tree", points, round(count**0.5), (128, 384), draw)
        row_sums("clusters", clusters(count, draw), count // 32, (32, 64), draw)


if __name__ == "__main__":
    main()
