"""Which method when: error against bytes on six sorts of pairs of matrices, by `prodigest compare`.

Prints the table of the README and draws its picture. Bytes are those of the digest files, errors shares of
||A|| ||B||, medians over the seeds.
"""

import matplotlib.pyplot as plt
from matplotlib.ticker import FuncFormatter, NullFormatter, PercentFormatter

from command import OUTPUT, Workshop, prodigest
from recommendations import packages, reviews, synthetic
from report import COLOURS, seeds_from_arguments

SIZES = (1, 2, 5, 10, 20)  # per cent of all rows stored as digests
SHOWN = 5
METHODS = {"priority": "weighted sample", "priority:weight=uniform": "uniform sample",
           "countsketch": "CountSketch", "srht": "SRHT"}
PAIRS = {"package sizes x words": "sparse rows, two tables", "review words x labels": "sparse rows, ±1",
         "installed x download size": "two columns, heavy tails meet", "dense, alike": "50 dense columns, light tails",
         "dense, alike, 3 columns": "3 dense columns, light tails", "3 % of keys, alike": "3 % of the keys shared"}


def curve(found, method):
    """[(share, bytes, low, median, high)] of a method, and what it recommends, size by size."""
    points = []
    for share, budget in zip(SIZES, found["budgets"]):
        for measured in budget["measured"]:
            if measured["method"] == method and measured["size"]:
                error = measured["error"]
                points.append((share, measured["bytes"], error["low"], error["median"], error["high"]))
    return points


def main():
    seeds = len(seeds_from_arguments(__doc__, default=21))
    figure, axes = plt.subplots(2, 3, figsize=(10, 6))
    panels = iter(axes.flat)
    print(f"medians of {seeds} seeds, digests of {SHOWN} % of the bytes\n"
          f"{'pair':<30}" + "".join(f"{name:>18}" for name in METHODS.values()) + "  recommended")
    with Workshop() as shop:
        for source in (packages, reviews, synthetic):
            for pair, words in source(shop):
                if pair not in PAIRS:
                    continue
                found = prodigest("compare", *words, "--seeds", seeds,
                                  "--sizes", ",".join(f"{share}%" for share in SIZES),
                                  "--methods", ",".join(METHODS))
                axis = next(panels)
                cells = []
                for colour, (method, name) in zip(COLOURS, METHODS.items()):
                    points = curve(found, method)
                    cells.append(next((f"{p[3]:.3%}" for p in points if p[0] == SHOWN), "-"))
                    if points:
                        shares, _, low, median, high = zip(*points)
                        axis.plot(shares, median, color=colour, label=name, marker="o", markersize=3)
                        axis.fill_between(shares, low, high, color=colour, alpha=0.15, linewidth=0)
                axis.axhline(found["zero_error"], color="#999999", linestyle="--", linewidth=0.8)
                axis.set(title=PAIRS[pair], xscale="log", yscale="log")
                axis.xaxis.set_major_formatter(PercentFormatter(decimals=0))
                axis.set_xticks(SIZES)
                axis.set_xticks([], minor=True)
                axis.yaxis.set_major_formatter(FuncFormatter(lambda y, _: f"{100 * y:g} %"))
                axis.yaxis.set_minor_formatter(NullFormatter())
                axis.grid(True, which="major", linewidth=0.3)
                recommended = found["budgets"][SIZES.index(SHOWN)]["recommended"]
                print(f"{PAIRS[pair]:<30}" + "".join(f"{cell:>18}" for cell in cells) + f"  {recommended}",
                      flush=True)
    for axis in axes[1]:
        axis.set_xlabel("bytes of both digests, share of all rows stored")
    for axis in axes[:, 0]:
        axis.set_ylabel("error, share of ‖A‖ ‖B‖")
    axes[1][0].legend(fontsize=7)
    figure.suptitle(f"Error against bytes, medians and quartiles of {seeds} seeds; dashed: the answer 0")
    figure.tight_layout()
    OUTPUT.mkdir(parents=True, exist_ok=True)
    figure.savefig(OUTPUT / "which-method.svg", metadata={"Date": None})
    print(OUTPUT / "which-method.svg")


if __name__ == "__main__":
    main()
