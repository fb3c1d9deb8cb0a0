"""Tables with error bars, the comparison with the figures we set out to reach, and the pictures."""

import argparse
import json

import matplotlib

matplotlib.use("svg")
import matplotlib.pyplot as plt
import numpy as np

from command import OUTPUT

matplotlib.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "prodigest", "font.size": 9})
COLOURS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#999999"]


def seeds_from_arguments(doc, default=5):
    """How many seeds each point is made of: --seeds, else five as in the paper."""
    parser = argparse.ArgumentParser(description=doc,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=default)
    return range(parser.parse_args().seeds)


class Results:
    """errors[panel][method][storage] = one error a seed."""

    def __init__(self, name, title, reference):
        self.name, self.title, self.reference = name, title, reference
        self.errors = {}

    def add(self, panel, method, storage, error):
        at = self.errors.setdefault(panel, {}).setdefault(method, {})
        at.setdefault(storage, []).append(float(error))

    def print_panel(self, panel):
        """Mean ± standard deviation over seeds; below it the ratio to the figure to reach, if any."""
        methods = self.errors[panel]
        print(f"\n{self.title}, {panel}")
        print("storage " + "".join(f"{method:>18}" for method in methods))
        for storage in next(iter(methods.values())):
            cells, ratios = [], []
            for method, points in methods.items():
                if storage not in points:
                    cells.append("")
                    ratios.append("")
                    continue
                mean, sd = np.mean(points[storage]), np.std(points[storage], ddof=1)
                wanted = self.reference.get((panel, method, storage))
                cells.append(f"{mean:.4f} ±{sd:.4f}")
                ratios.append(f"({mean / wanted:.2f} of {wanted:.4g})" if wanted else "")
            print(f"{storage:7.0%} " + "".join(f"{cell:>18}" for cell in cells))
            if any(ratios):
                print(" " * 8 + "".join(f"{ratio:>18}" for ratio in ratios))

    def print_summary(self, tolerance=0.15):
        """How many of the figures are met, and which are not. Those are means of five seeds too, so
        the distance is also told in standard errors of the difference of two such means."""
        met, missed = 0, []
        for (panel, method, storage), wanted in self.reference.items():
            found = self.errors.get(panel, {}).get(method, {}).get(storage)
            if found is None:
                continue
            ratio = np.mean(found) / wanted
            noise = np.std(found, ddof=1) * np.sqrt(1 / len(found) + 1 / 5) / wanted
            if abs(ratio - 1) <= tolerance:
                met += 1
            else:
                missed.append(f"  {panel}, {method}, {storage:.0%}: {ratio:.2f} of {wanted:.4g}, "
                              f"{abs(ratio - 1) / noise:.1f} standard errors away")
        print(f"\n{self.name}: {met} of {met + len(missed)} figures within {tolerance:.0%}"
              + (", the others:" if missed else ""))
        print("\n".join(missed))

    def save(self, ylabel):
        OUTPUT.mkdir(parents=True, exist_ok=True)
        panels = list(self.errors)
        figure, axes = plt.subplots(1, len(panels), figsize=(3.6 * len(panels), 3.4), sharey=True,
                                    squeeze=False)
        for axis, panel in zip(axes[0], panels):
            for colour, (method, points) in zip(COLOURS, self.errors[panel].items()):
                storage = sorted(points)
                mean = [np.mean(points[s]) for s in storage]
                sd = [np.std(points[s], ddof=1) for s in storage]
                axis.errorbar(storage, mean, yerr=sd, label=method, color=colour, marker="o",
                              markersize=3, linewidth=1.2, capsize=2)
            axis.set(title=panel, xscale="log", yscale="log", xlabel="storage, share of the matrices")
            axis.xaxis.set_major_formatter(matplotlib.ticker.PercentFormatter(1, decimals=0))
            axis.xaxis.set_minor_formatter(matplotlib.ticker.NullFormatter())
            axis.grid(True, which="major", linewidth=0.3)
        axes[0][0].set_ylabel(ylabel)
        axes[0][-1].legend(fontsize=7)
        figure.suptitle(self.title)
        figure.tight_layout()
        figure.savefig(OUTPUT / f"{self.name}.svg", metadata={"Date": None})
        (OUTPUT / f"{self.name}.json").write_text(json.dumps(
            {panel: {method: {f"{s:g}": errors for s, errors in points.items()}
                     for method, points in methods.items()}
             for panel, methods in self.errors.items()}, indent=1))
        print(f"{OUTPUT / self.name}.svg and .json")
