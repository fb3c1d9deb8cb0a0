"""Figure 1: error of AᵀB on synthetic matrices, against storage.

n = 10,000, d = m = 100, normal entries, a tenth of them times 10, then all but a share set to zero.
"""

import numpy as np
import scipy.sparse as sp

from command import Workshop
from report import Results, seeds_from_arguments
from storage import VALUE, matrix_bits, sampled_row_bits

ROWS, COLS = 10_000, 100
STORAGE = (0.01, 0.05, 0.10, 0.20, 0.40)
KEPT = (0.02, 0.10, 0.40, 0.80)
SAMPLES, SKETCHES = ("priority", "threshold"), ("gaussian", "sign", "countsketch")

# What we set out to reach: priority, threshold, Gaussian and CountSketch at each storage.
WANTED = {
    0.02: ".147 .082 .729 .683 | .0559 .0565 .306 .302 | .0330 .0333 .211 .211 | .0140 .0140 .148 .148 | .0055 .0055 .104 .106",
    0.10: ".100 .100 .297 .298 | .0489 .0502 .135 .133 | .0368 .0371 .0946 .0943 | .0251 .0254 .0664 .0665 | .0125 .0127 .0476 .0472",
    0.40: ".108 .110 .150 .150 | .0503 .0510 .0668 .0674 | .0353 .0357 .0474 .0475 | .0242 .0244 .0336 .0335 | .0154 .0154 .0238 .0236",
    0.80: ".104 .108 .107 .106 | .0481 .0489 .0474 .0473 | .0335 .0339 .0336 .0334 | .0230 .0232 .0238 .0236 | .0148 .0149 .0168 .0168",
}


def wanted():
    methods = ("priority", "threshold", "gaussian", "countsketch")
    return {(panel(kept), method, storage): float(text)
            for kept, line in WANTED.items()
            for storage, cell in zip(STORAGE, line.split("|"))
            for method, text in zip(methods, cell.split())}


def panel(kept):
    return f"{kept:.0%} non-zero"


def synthetic(kept, rng):
    matrix = rng.standard_normal((ROWS, COLS))
    matrix[rng.random((ROWS, COLS)) < 0.1] *= 10
    matrix[rng.random((ROWS, COLS)) >= kept] = 0
    return matrix


def threshold_of(weights, size):
    """tau with sum of min(1, tau * weight) = size, by bisection."""
    low, high = 0.0, 1 / weights[weights > 0].min()
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if np.minimum(1, middle * weights).sum() < size else (low, middle)
    return high


def expected_error(a, b, size):
    """Root mean square error of threshold sampling by its exact formula."""
    squares_a, squares_b = (a**2).sum(axis=1), (b**2).sum(axis=1)
    products = squares_a * squares_b
    kept = np.minimum(1, np.minimum(squares_a * threshold_of(squares_a, size),
                                    squares_b * threshold_of(squares_b, size)))[products > 0]
    return np.sqrt((products[products > 0] * (1 / kept - 1)).sum())


def main():
    seeds = seeds_from_arguments(__doc__)
    results = Results("figure1", "Figure 1: synthetic matrices, ‖W − AᵀB‖ / (‖A‖ ‖B‖)", wanted())
    for kept in KEPT:
        rng = np.random.default_rng(7)
        a, b = synthetic(kept, rng), synthetic(kept, rng)
        product = a.T @ b
        scale = np.linalg.norm(a) * np.linalg.norm(b)
        sparse_a, sparse_b = sp.csr_matrix(a), sp.csr_matrix(b)
        bits = matrix_bits(sparse_a) + matrix_bits(sparse_b)
        with Workshop() as shop:
            sp.save_npz(shop.path("a.npz"), sparse_a)
            sp.save_npz(shop.path("b.npz"), sparse_b)
            for storage in STORAGE:
                rows = min(ROWS, max(2, round(storage * bits / 2 / sampled_row_bits(sparse_a))))
                size = max(1, int(storage * bits / (2 * COLS * VALUE)))
                for _ in seeds:
                    results.add(panel(kept), "sampling formula", storage,
                                expected_error(a, b, rows) / scale)
                for method in SAMPLES + SKETCHES:
                    for seed in seeds:
                        spec = f"{method}:size={rows if method in SAMPLES else size},seed={seed}"
                        w = shop.product(shop.sketch(shop.path("a.npz"), spec, "a.pdg"),
                                         shop.sketch(shop.path("b.npz"), spec, "b.pdg"))
                        results.add(panel(kept), method, storage,
                                    np.linalg.norm(w - product) / scale)
        results.print_panel(panel(kept))
    results.print_summary()
    results.save("‖W − AᵀB‖ / (‖A‖ ‖B‖)")


if __name__ == "__main__":
    main()
