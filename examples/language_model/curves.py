"""Tables and pictures of what train.py left: python curves.py [OUT]

Prints Markdown; the pictures go to OUT as SVG: loss against tokens, loss by position beside
softmax's, accuracy by distance.
Means of the seeds, ± their standard deviation. Runs that go on are left out of tables, not of curves.
"""

import argparse
import collections
import math
import pathlib
import statistics

import matplotlib

matplotlib.use("svg")
import matplotlib.pyplot as plt

from log import read_log

matplotlib.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "prodigest", "font.size": 9})
NAMES = {"softmax": "softmax", "polynomial": "exact degree 4",
         "polynomial-local": "exact degree 4, gain outside blocks", "polysketch": "sketch",
         "polysketch-local": "sketch, exact blocks, gain", "polysketch-learned": "learned sketch",
         "polysketch-learned-local": "learned sketch, exact blocks, gain", "local": "exact blocks alone",
         "performer": "Performer"}
COLOURS = dict(zip(NAMES, ["#000000", "#0072B2", "#56B4E9", "#CC79A7", "#D55E00", "#E69F00", "#F0C000", "#009E73",
                           "#999999"]))


def logs(out, task):
    """variant -> its runs, each a list of lines, in the order of NAMES."""
    found = {}
    for variant in NAMES:
        runs = [read_log(path) for path in sorted((out / task / variant).glob("seed*/log.jsonl"))]
        if runs := [run for run in runs if any("valid_bits" in line for line in run)]:
            found[variant] = runs
    return found


def finals(runs):
    return [run[-1] for run in runs if run[-1].get("final")]


def mean_sd(values, digits=3):
    mean = f"{statistics.mean(values):.{digits}f}"
    return mean + (f" ± {statistics.stdev(values):.{digits}f}" if len(values) > 1 else "")


def mean_of_lists(lists):
    return [statistics.mean(column) for column in zip(*lists)]


def merged(values, so_many=4):
    return [statistics.mean(values[i : i + so_many]) for i in range(0, len(values), so_many)]


def markdown(header, rows):
    print("| " + " | ".join(header) + " |")
    print("|" + " --- |" * len(header))
    for row in rows:
        print("| " + " | ".join(row) + " |")
    print()


def curve(runs):
    """Tokens and mean validation loss, where all runs of the variant have been evaluated."""
    losses = collections.defaultdict(list)
    for run in runs:
        for line in run:
            if "valid_bits" in line and not line.get("final"):
                losses[line["tokens"]].append(line["valid_bits"])
    points = sorted((tokens, statistics.mean(of)) for tokens, of in losses.items() if len(of) == len(runs))
    return zip(*points)


def picture(title, xlabel, ylabel):
    figure, axes = plt.subplots(figsize=(6, 4), layout="constrained")
    axes.set(title=title, xlabel=xlabel, ylabel=ylabel)
    axes.grid(alpha=0.3)
    return figure, axes


def save(figure, axes, path):
    axes.legend(fontsize=7)
    figure.savefig(path, metadata={"Date": None})
    plt.close(figure)


def text(out):
    found = logs(out, "text")
    ends = {variant: ends for variant, runs in found.items() if (ends := finals(runs))}
    # Seeds share their batches and first parameters: differences are of the same seed.
    softmax = {end["run"]["seed"]: end for end in ends.get("softmax", [])}
    rows = []
    for variant, of in ends.items():
        differences = [end["valid_bits"] - softmax[end["run"]["seed"]]["valid_bits"] for end in of
                       if end["run"]["seed"] in softmax]
        positions = mean_of_lists([end["bits_by_position"] for end in of])
        rows.append([NAMES[variant], str(len(of)), mean_sd([end["valid_bits"] for end in of]),
                     mean_sd(differences) if differences and variant != "softmax" else "",
                     f"{statistics.mean(positions[-len(positions) // 4:]):.3f}",
                     mean_sd([end["seconds"] / end["step"] for end in of], 2), f"{of[0]['tokens'] / 1e6:.1f}"])
    markdown(["attention", "seeds", "bits a byte", "less softmax's", "last quarter of positions", "seconds a step",
              "million tokens"], rows)

    figure, axes = picture("Validation loss", "tokens seen", "bits a byte")
    for variant, runs in found.items():
        tokens, losses = curve(runs)
        axes.plot(tokens, losses, label=NAMES[variant], color=COLOURS[variant], lw=1.2)
    axes.set_yscale("log")
    axes.yaxis.set_minor_formatter("{x:.1f}")
    save(figure, axes, out / "text-loss.svg")

    figure, axes = picture("Validation loss by position, at the end", "position", "bits a byte, less softmax's")
    for variant, of in ends.items():
        # The same windows for all: what is easy or hard to tell at a position cancels in differences.
        both = [(end, softmax[seed]) for end in of if (seed := end["run"]["seed"]) in softmax]
        if variant == "softmax" or not both:
            continue
        losses = merged(mean_of_lists([[a - b for a, b in zip(end["bits_by_position"], other["bits_by_position"])]
                                       for end, other in both]))
        stretch = of[0]["run"]["tokens"] / len(losses)
        axes.plot([stretch * (i + 0.5) for i in range(len(losses))], losses, label=NAMES[variant],
                  color=COLOURS[variant], lw=1.2)
    axes.axhline(0, color=COLOURS["softmax"], lw=0.8)
    save(figure, axes, out / "text-loss-by-position.svg")


def recall(out):
    ends = {variant: ends for variant, runs in logs(out, "recall").items() if (ends := finals(runs))}
    distances = list(next(iter(ends.values()))[0]["accuracy_by_distance"])
    means = {variant: mean_of_lists([[end["accuracy_by_distance"][d] for d in distances] for end in of])
             for variant, of in ends.items()}
    markdown(["attention", "seeds", "all", *(f"{d}–{2 * int(d) - 1}" for d in distances)],
             [[NAMES[variant], str(len(of)), mean_sd([end["accuracy"] for end in of]),
               *(f"{x:.2f}" for x in means[variant])] for variant, of in ends.items()])

    figure, axes = picture("Recall: the value of a key seen once", "distance in tokens", "accuracy")
    for variant, accuracy in means.items():
        axes.plot([int(d) * math.sqrt(2) for d in distances], accuracy, "o-", ms=3, label=NAMES[variant],
                  color=COLOURS[variant], lw=1.2)
    run = next(iter(ends.values()))[0]["run"]
    axes.axvline(run["local_block"], color="#888888", lw=0.8, ls=":")
    axes.set_xscale("log", base=2)
    save(figure, axes, out / "recall-by-distance.svg")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", nargs="?", default="out/language_model", type=pathlib.Path)
    out = parser.parse_args().out
    for task in (text, recall):
        if any(finals(runs) for runs in logs(out, task.__name__).values()):
            task(out)


if __name__ == "__main__":
    main()
