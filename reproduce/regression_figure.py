"""What Figures 2 and 3 have in common: regression from digests of TF-IDF matrices, against storage."""

import lzma
import os
import pathlib

import numpy as np
import scipy.sparse as sp
from sklearn.feature_extraction.text import TfidfVectorizer

from command import ROOT, Workshop
from storage import VALUE, index_bits, matrix_bits, row_bits

RIDGE = 0.05  # of the mean diagonal of AᵀA, in every method

# name in the table: (spec of A, spec of b, estimator). The weights of b are b² in place of leverages.
SAMPLES = {
    "single": ("weight=leverage", "weight=squared_norm", "single"),
    "joint": ("weight=leverage", "weight=squared_norm", "joint"),
    "uniform": ("weight=uniform", "weight=uniform", "joint"),
    "mixture": ("weight=leverage,mixture=0.5", "weight=squared_norm,mixture=0.5", "joint"),
}
SKETCHES = {"gaussian": "", "countsketch": "", "osnap": ",nonzeros=8"}


def read_reviews(folder, file):
    """(rows as lists of fields), or None with a printed reason where the data is absent."""
    data = pathlib.Path(os.environ.get("PRODIGEST_DATA", ROOT.parent / "shared" / "data"))
    path = data / folder / file
    if not path.is_file():
        print(f"skipped: {path} is not there (PRODIGEST_DATA names the folder with {folder}/{file})")
        return None
    with lzma.open(path, "rt", encoding="utf-8", newline="\n") as lines:
        return [line.rstrip("\n").split("\t") for line in lines][1:]


def tfidf(texts, features):
    vectorizer = TfidfVectorizer(max_features=features)
    return sp.csr_matrix(vectorizer.fit_transform(texts), dtype=np.float64)


class Excess:
    """(‖A x − b‖ − ‖A x* − b‖) / ‖b‖ for the least-squares solution x*."""

    def __init__(self, a, b):
        self.a, self.b = a, b
        best, *_ = np.linalg.lstsq(a.toarray(), b, rcond=1e-10)
        self.least = np.linalg.norm(a @ best - b)

    def __call__(self, x):
        return (np.linalg.norm(self.a @ x - self.b) - self.least) / np.linalg.norm(self.b)


def add_panel(results, panel, a, b, storages, seeds):
    rows, features = a.shape
    excess = Excess(a, b)
    print(f"\n{panel}: {a.nnz / rows:.1f} non-zeros a row ({a.nnz / rows / features:.1%}), "
          f"x = 0 scores {excess(np.zeros(features)):.3f}")
    ridge = RIDGE * a.multiply(a).sum() / features
    bits = matrix_bits(a) + rows * VALUE
    # A row of A with its number and leverage, an entry of b with its number.
    pair_bits = row_bits(a).mean() + 2 * index_bits(rows) + 2 * VALUE
    with Workshop() as shop:
        sp.save_npz(shop.path("a.npz"), a)
        np.save(shop.path("b.npy"), b.reshape(-1, 1))
        for method, (spec_a, spec_b, estimator) in SAMPLES.items():
            for seed in seeds:
                largest = max(2, int(max(storages) * bits / pair_bits))
                digests = [shop.sketch(shop.path(matrix), f"priority:size={largest},seed={seed},{spec}",
                                       name)
                           for matrix, spec, name in (("a.npz", spec_a, "a.pdg"), ("b.npy", spec_b, "b.pdg"))]
                for storage in storages:
                    size = max(2, int(storage * bits / pair_bits))
                    cut = [shop.truncate(digest, size, f"cut-{digest.name}") for digest in digests]
                    results.add(panel, method, storage, excess(shop.regress(*cut, estimator, ridge)))
        for method, options in SKETCHES.items():
            for seed in seeds:
                for storage in storages:
                    size = max(1, int(storage * bits / ((features + 1) * VALUE)))
                    spec = f"{method}:size={size},seed={seed}{options}"
                    pair = [shop.sketch(shop.path("a.npz"), spec, "a.pdg"),
                            shop.sketch(shop.path("b.npy"), spec, "b.pdg")]
                    results.add(panel, method, storage, excess(shop.regress(*pair, "sketch", ridge)))
    results.print_panel(panel)
