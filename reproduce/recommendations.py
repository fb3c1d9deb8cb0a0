"""How often the method that `prodigest compare` recommends is the best one measured.

Real and synthetic pairs of matrices, each at three budgets in bytes. A recommendation is right if no method
errs less by more than 5 %, or by more than two standard errors of the difference.
"""

import lzma
import os
import pathlib

import numpy as np
import scipy.sparse as sp

from command import ROOT, Workshop, prodigest
from regression_figure import read_reviews, tfidf
from report import seeds_from_arguments

SIZES = ("1%", "5%", "20%")
PACKAGES = ROOT / "data" / "packages"


def packages(_):
    sizes, depends = PACKAGES / "sizes.csv.gz", PACKAGES / "depends.csv.gz"
    yield "package sizes x words", [sizes, depends, "--key", "package", "--b-words", "depends"]
    yield "installed x download size", [sizes, sizes, "--key", "package", "--a-columns", "installed_kb",
                                        "--b-columns", "download_kb"]


def reviews(shop):
    rows = read_reviews("imdb", "imdb10k.tsv.xz")
    if rows is None:
        return
    sp.save_npz(shop.path("words.npz"), tfidf([row[3] for row in rows], 512))
    np.save(shop.path("labels.npy"), np.array([[float(row[1])] for row in rows]))
    yield "review words x labels", [shop.path("words.npz"), shop.path("labels.npy")]


def adults(shop):
    data = pathlib.Path(os.environ.get("PRODIGEST_DATA", ROOT.parent / "shared" / "data"))
    packed = data / "libsvm" / "a9a.xz"
    if not packed.is_file():
        print(f"skipped: {packed} is not there (PRODIGEST_DATA names the folder with libsvm/a9a.xz)")
        return
    path = shop.path("a9a.svm")
    path.write_bytes(lzma.decompress(packed.read_bytes()))
    yield "a9a x labels", [path, path, "--b-columns", "label"]


def synthetic(shop):
    rng = np.random.default_rng(7)
    rows, cols = 10_000, 50
    lengths = rng.pareto(1.5, (rows, 1)) + 1
    for name, factor in (("light", 1), ("heavy", lengths)):
        for side in "ab":
            np.save(shop.path(f"{name}-{side}.npy"), rng.standard_normal((rows, cols)) * factor)
    light, heavy = ([shop.path(f"{name}-{side}.npy") for side in "ab"] for name in ("light", "heavy"))
    shifted = ["--b-first-row", str(rows - 3 * rows // 100)]
    for side in "ab":
        np.save(shop.path(f"narrow-{side}.npy"), rng.standard_normal((rows, 3)))
    yield "dense, alike", light
    yield "dense, alike, 3 columns", [shop.path(f"narrow-{side}.npy") for side in "ab"]
    yield "dense, heavy", heavy
    yield "3 % of keys, alike", light + shifted
    yield "3 % of keys, heavy", heavy + shifted


def judge(result):
    """(recommended, best, ratio of their errors, distance in standard errors, right or not)"""
    measured = {m["method"]: m["error"] for m in result["measured"] if m["size"]}
    recommended, best = result["recommended"], result["best"]
    if recommended not in measured:
        return recommended, best, np.nan, np.nan, recommended == best
    ours, least = measured[recommended], measured[best]
    ratio = ours["rms"] / least["rms"] if least["rms"] else float(ours["rms"] == 0)
    noise = np.hypot(ours["rms_standard_error"], least["rms_standard_error"])
    distance = (ours["rms"] - least["rms"]) / noise if noise else np.inf
    return recommended, best, ratio, distance, recommended == best or ratio <= 1.05 or distance <= 2


def main():
    seeds = len(seeds_from_arguments(__doc__))
    verdicts = []
    print(f"{'pair':<28}{'size':>5}  {'recommended':<25}{'best measured':<25}{'error':>9}{'times':>7}{'se':>6}")
    with Workshop() as shop:
        for source in (packages, reviews, adults, synthetic):
            for name, words in source(shop):
                found = prodigest("compare", *words, "--sizes", ",".join(SIZES), "--seeds", seeds)
                for result in found["budgets"]:
                    recommended, best, ratio, distance, right = judge(result)
                    error = next((m["error"]["rms"] for m in result["measured"]
                                  if m["method"] == recommended and m["size"]), np.nan)
                    print(f"{name:<28}{result['budget']:>5}  {str(recommended):<25}{str(best):<25}{error:9.4f}"
                          f"{ratio:7.2f}{distance:6.1f}{'' if right else '  wrong'}", flush=True)
                    verdicts.append(right)
    print(f"\n{sum(verdicts)} of {len(verdicts)} recommendations are right, {seeds} seeds")


if __name__ == "__main__":
    main()
