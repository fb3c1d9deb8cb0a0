"""Error of AᵀB against bits on real data: token vectors of ColBERT and the TF-IDF of film reviews, by
lattice codes, their rivals, row samples and row samples with coded values.

Errors are shares of |A||B|, bytes those of both digest files.
"""

import lzma
import os
import pathlib

import matplotlib.pyplot as plt
import numpy as np
import scipy.sparse as sp

from command import OUTPUT, ROOT, Workshop, prodigest
from regression_figure import read_reviews, tfidf
from report import COLOURS, seeds_from_arguments

CODES = {
    "lattice": ("F2", "F3", "F4pair", "F4", "I8"),
    "lattice, centre=no": ("F2", "F3", "F4pair", "F4", "I8"),
    "lattice, rotation=none": ("F2", "F3", "F4", "I8"),
    "int, one scale a column": ("int2", "int3", "int4", "int5", "int8"),
    "int, one scale for 32": ("group2", "group3", "group4", "group5", "group8"),
}
SHARES = (0.01, 0.03, 0.1, 0.3)  # of the rows, for samples
SAMPLES = {"row sample": "", "row sample, values=lattice:F4": ",values=lattice:F4"}


class Panel:
    """One pair of matrices; vectors: the rows are what is coded, and the product is A Bᵀ."""

    def __init__(self, shop, name, a, b, vectors=False):
        self.shop, self.name, self.vectors = shop, name, vectors
        self.files = {}
        for side, matrix in zip("ab", (a, b)):
            self.files[side] = shop.path(f"{side}.npz" if sp.issparse(matrix) else f"{side}.npy")
            sp.save_npz(self.files[side], matrix) if sp.issparse(matrix) else np.save(self.files[side], matrix)
        a, b = (m.toarray() if sp.issparse(m) else m.astype(float) for m in (a, b))
        self.exact = a @ b.T if vectors else a.T @ b
        self.rows, self.entries = len(a), a.size + b.size
        self.scale = np.linalg.norm(a) * np.linalg.norm(b)
        self.points = {}

    def add(self, family, label, verb, spec, seeds):
        errors, size = [], 0
        for seed in seeds:
            for side in "ab":
                words = [verb, self.files[side], "--method", f"{spec},seed={seed}"]
                prodigest(*words, *(["--vectors"] if self.vectors else []), "-o",
                          self.shop.path(f"{side}.pdg"))
            prodigest("product", self.shop.path("a.pdg"), self.shop.path("b.pdg"), "--top", 0, "-o",
                      self.shop.path("w.npy"))
            errors.append(np.linalg.norm(np.load(self.shop.path("w.npy")) - self.exact) / self.scale)
            size = sum(self.shop.path(f"{side}.pdg").stat().st_size for side in "ab")
        error = np.sqrt(np.mean(np.square(errors)))
        self.points.setdefault(family, []).append((size, error))
        print(f"  {family:30s} {label:8s} {size:10,d} bytes {8 * size / self.entries:7.3f} bits an entry "
              f"{100 * error:9.4f} %", flush=True)

    def run(self, seeds, samples):
        print(f"\n{self.name}: |AᵀB| is {np.linalg.norm(self.exact) / self.scale:.3f} of |A||B|")
        for family, formats in CODES.items():
            options = "," + family.split(", ")[1] if "=" in family else ""
            for name in formats:
                self.add(family, name, "quantize", f"lattice:format={name}{options}",
                         seeds[:1] if "int" in family else seeds)
        if not samples:
            return
        for family, options in SAMPLES.items():
            for share in SHARES:
                self.add(family, f"{share:.0%}", "sketch",
                         f"priority:size={int(share * self.rows)}{options}", seeds)


def colbert():
    """(documents, queries) of token vectors, or None."""
    data = pathlib.Path(os.environ.get("PRODIGEST_DATA", ROOT.parent / "shared" / "data"))
    folder = data / "colbert_nanofiqa"
    if not folder.is_dir():
        print(f"skipped: {folder} is not there (PRODIGEST_DATA names the folder with colbert_nanofiqa)")
        return None
    return [np.load(lzma.open(folder / f"{name}.npy.xz")) for name in ("docs", "queries")]


def draw_figure(panels):
    OUTPUT.mkdir(parents=True, exist_ok=True)
    figure, axes = plt.subplots(1, len(panels), figsize=(4.2 * len(panels), 3.8), squeeze=False)
    for axis, panel in zip(axes[0], panels):
        for colour, (family, points) in zip(COLOURS, panel.points.items()):
            axis.plot(*zip(*points), "o-", color=colour, ms=4, lw=1, label=family)
        axis.set(xscale="log", yscale="log", title=panel.name, xlabel="bytes of both digests")
        axis.grid(alpha=0.3)
    axes[0][0].set_ylabel("error, share of |A||B|")
    axes[0][-1].legend(frameon=False, fontsize=7)
    figure.tight_layout()
    figure.savefig(OUTPUT / "real_codes.svg", metadata={"Date": None})


def main():
    seeds = seeds_from_arguments(__doc__)
    panels = []
    with Workshop() as shop:
        tokens = colbert()
        if tokens is not None:
            docs, queries = tokens
            panels.append(Panel(shop, "ColBERT scores", docs, queries, vectors=True))
            panels[-1].run(seeds, samples=False)
            panels.append(Panel(shop, "ColBERT AᵀB over tokens", docs[:, :64], docs[:, 64:]))
            panels[-1].run(seeds, samples=True)
        reviews = read_reviews("imdb", "imdb10k.tsv.xz")
        if reviews is not None:
            words = tfidf([fields[3] for fields in reviews], 512)
            panels.append(Panel(shop, "IMDB TF-IDF, words by words", words[:, :256], words[:, 256:]))
            panels[-1].run(seeds, samples=True)
    if panels:
        draw_figure(panels)


if __name__ == "__main__":
    main()
