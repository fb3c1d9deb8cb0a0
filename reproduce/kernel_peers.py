"""One product with a Gaussian kernel matrix, exactly: numpy, scikit-learn, KeOps where it is installed, and this
library; then to an error of 0.05 of |x|. Hierarchical points of 64 coordinates, wall clock, all cores."""

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


if __name__ == "__main__":
    main()
