"""Error of AᵀB against bits: lattice codes, their rivals and the limit Γ(R), on normal entries and on
seven inputs that are not.

Error D = ||W - AᵀB||² / (||Ā||² ||B̄||² / n), Ā and B̄ with centred columns; R counts everything that
the file holds but its names: codes, scales, noises, means.
"""

import math

import matplotlib.pyplot as plt
import numpy as np

from command import OUTPUT, Workshop, prodigest
from report import COLOURS, seeds_from_arguments

ROWS, COLS = 4096, 128

# What we set out to reach on normal entries: the code's own bits an entry, and D / Γ at those and 64 more
# bits a column.
WANTED = {"F2": (2.0, 1.65), "F3": (3.25, 1.56), "F4pair": (4.1875, 1.52), "F4": (4.25, 1.62)}
LATTICE = ("F2", "F3", "F4pair", "F4", "F4fast", "I8")
PLAIN = ("int3", "int4", "int5", "group3", "group4", "group5")  # decoded as they are
LLOYD = ("lloyd2", "lloyd3", "lloyd4", "lloyd5")
# Rates below a format's own: so many of the rotated coordinates.
KEPT = (("F2", 0.25), ("F2", 0.5), ("F2", 0.75))

CRITICAL = 1.0
for _ in range(200):
    CRITICAL = 0.5 * math.log2(1 + 4 * CRITICAL * math.log(2))


def gamma(rate):
    """The least D that any codes of so many bits an entry reach on normal entries."""
    if rate >= CRITICAL:
        return 1 - (1 - 4.0**-rate) ** 2
    return 1 - (1 - gamma(CRITICAL)) * rate / CRITICAL


def rate_for(error):
    """The inverse of gamma."""
    low, high = 0.0, 16.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if gamma(middle) > error else (low, middle)
    return low


def method(name, seed, gain, kept=1.0):
    text = f"lattice:format={name},seed={seed},gain={gain}"
    return text if kept == 1 else text + f",size={int(ROWS * kept)}"


class Pair:
    """Two matrices in files, and their product."""

    def __init__(self, shop, a, b):
        self.shop, self.same = shop, a is b
        self.rows = len(a)
        self.exact = a.T @ b
        centred = [((m - m.mean(0)) ** 2).sum() for m in (a, b)]
        self.scale = centred[0] * centred[1] / self.rows
        np.save(shop.path("a.npy"), a)
        np.save(shop.path("b.npy"), b)

    def run(self, spec):
        """D, and bits an entry as the codes count them."""
        for side in "ab":
            prodigest("quantize", self.shop.path(f"{side}.npy"), "--method", spec, "-o",
                      self.shop.path(f"{side}.pdg"))
        # Copies of a matrix are two digests: the diagonal of AᵀA is then estimated like the rest.
        prodigest("product", self.shop.path("a.pdg"), self.shop.path("b.pdg"), "--top", 0, "-o",
                  self.shop.path("w.npy"))
        found = np.load(self.shop.path("w.npy"))
        bits = prodigest("info", self.shop.path("a.pdg"))["bits_per_entry"]
        return ((found - self.exact) ** 2).sum() / self.scale, bits


def normal_table(shop, seeds):
    """Prints the table and returns (label, bits, D) of the least error."""
    print(f"Normal entries, {ROWS} x {COLS} both sides, {len(seeds)} seeds; gain of least error | without bias")
    print(f"{'format':10s} {'R':>6s} {'D':>10s} {'±':>8s} {'D/Γ':>6s} {'bits lost':>9s} | {'D':>10s} {'D/Γ':>6s}")
    pairs = []
    for seed in seeds:
        draw = np.random.default_rng(100 + seed)
        pairs.append([draw.standard_normal((ROWS, COLS)) for _ in "ab"])
    points = []
    for name, kept in [(n, 1.0) for n in LATTICE + LLOYD + PLAIN] + list(KEPT):
        label, cells = name if kept == 1 else f"{name} {kept:.0%}", []
        for gain in ("plain",) if name in PLAIN else ("mmse", "unbiased"):
            errors = []
            for seed, (a, b) in zip(seeds, pairs):
                error, bits = Pair(shop, a, b).run(method(name, seed, gain, kept))
                errors.append(error)
            mean = np.mean(errors)
            if not cells:
                points.append((label, bits, mean))
                spread = np.std(errors, ddof=1) if len(errors) > 1 else 0
                cells.append(f"{mean:10.3e} {spread:8.1e} {mean / gamma(bits):6.3f} {bits - rate_for(mean):9.3f}")
            else:
                cells.append(f"{mean:10.3e} {mean / gamma(bits):6.3f}")
        note = ""
        if kept == 1 and name in WANTED:
            rate, wanted = WANTED[name]
            note = f"   {points[-1][2] / gamma(rate + 64 / ROWS):.3f} at R = {rate + 64 / ROWS:.3f}, wanted {wanted}"
        print(f"{label:10s} {bits:6.3f} {' | '.join(cells)}{note}", flush=True)
    return points


def inputs(draw):
    """Name, A, B: the seven inputs of the table."""
    def normal(*shape):
        return draw.standard_normal(shape)
    yield "normal", normal(ROWS, COLS), normal(ROWS, COLS)
    yield "Student t(3)", draw.standard_t(3, (ROWS, COLS)), draw.standard_t(3, (ROWS, COLS))
    outlier = normal(ROWS, COLS)
    outlier[draw.choice(ROWS, ROWS // 100, False)] *= 30
    yield "1 % of rows x 30", outlier, normal(ROWS, COLS)
    hot = [1e-3 * normal(ROWS, COLS) for _ in "ab"]
    for matrix in hot:
        matrix[draw.integers(ROWS, size=COLS), np.arange(COLS)] += 1
    yield "one-hot + 0.001", *hot
    yield "column mean 10", normal(ROWS, COLS) + 10, normal(ROWS, COLS) + 10
    factor = normal(ROWS, 1)
    yield "shared factor", 0.9 * factor + 0.436 * normal(ROWS, COLS), 0.9 * factor + 0.436 * normal(ROWS, COLS)
    same = normal(ROWS, COLS)
    yield "A = B", same, same.copy()
    power = (normal(ROWS, COLS) / np.arange(1, COLS + 1)) @ normal(COLS, COLS)
    yield "power law", power, power + 0.3 * power.std() * normal(ROWS, COLS)


COLUMNS = {
    "int4": "format=int4", "group4": "format=group4", "lloyd4": "format=lloyd4,gain=plain",
    "F4fast": "format=F4fast", "F4 mmse": "format=F4,gain=mmse", "F4": "format=F4",
    "F4pair": "format=F4pair", "F4 uncentred": "format=F4,centre=no",
    "F4 unrotated": "format=F4,rotation=none",
}


def other_inputs_table(shop):
    print("\nOther inputs: 1000 D")
    print(f"{'':18s}" + "".join(f"{name:>14s}" for name in COLUMNS))
    for name, a, b in inputs(np.random.default_rng(21)):
        pair = Pair(shop, a, b)
        cells = [1e3 * pair.run(f"lattice:{spec},seed=1")[0] for spec in COLUMNS.values()]
        print(f"{name:18s}" + "".join(f"{cell:14.4g}" for cell in cells), flush=True)


# Of labels that would lie on others, in points.
OFFSETS = {"F2": (-14, -9), "F4": (-1, -11), "F4pair": (-32, -4), "lloyd4": (-28, 3), "group4": (4, 6)}


def draw_figure(points):
    OUTPUT.mkdir(parents=True, exist_ok=True)
    rates = np.linspace(0.2, 8.2, 300)
    figure, axis = plt.subplots(figsize=(6, 4.2))
    axis.plot(rates, [gamma(r) for r in rates], "k-", lw=1, label="limit Γ(R)")
    families = {"E8 lattice": LATTICE, "int, one scale a column": PLAIN[:3],
                "int, one scale for 32": PLAIN[3:], "Lloyd–Max": LLOYD,
                "E8, a part of the coordinates": [f"{n} {k:.0%}" for n, k in KEPT]}
    for colour, (family, names) in zip(COLOURS, families.items()):
        own = [(r, d) for label, r, d in points if label in names]
        axis.plot(*zip(*own), "o", color=colour, ms=5, label=family)
    for label, rate, error in points:
        axis.annotate(label, (rate, error), xytext=OFFSETS.get(label, (4, 3)), textcoords="offset points",
                      fontsize=7)
    axis.set(yscale="log", xlabel="bits an entry, everything counted", ylabel="D, share of |A|²|B|²/n")
    axis.grid(alpha=0.3)
    axis.legend(frameon=False)
    figure.tight_layout()
    figure.savefig(OUTPUT / "rate_distortion.svg", metadata={"Date": None})


def main():
    seeds = seeds_from_arguments(__doc__, default=3)
    with Workshop() as shop:
        points = normal_table(shop, seeds)
        other_inputs_table(shop)
    draw_figure(points)


if __name__ == "__main__":
    main()
