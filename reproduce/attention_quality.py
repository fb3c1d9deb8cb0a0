"""What the weights of linear attention are worth: outputs held against exact ones, how far a matching key
stands out, and exact local blocks beside a sketched remainder.

Heads of 2,048 tokens and 64 numbers, each with its own data and its own sketch; --seeds is how many.
"""

import math

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.ticker import NullFormatter

from command import OUTPUT, Workshop, prodigest
from report import COLOURS, seeds_from_arguments

TOKENS, WIDTH, BLOCK = 2048, 64, 256
SIZES = (16, 32, 64, 128, 256)
GAINS = (0, 0.003, "auto", 0.1, 0.3, 1)
AUTO = 3 * 32 / WIDTH**2  # of sketches of 32 numbers

# One query meets one key, so often, each pair with its own vectors: heads have their own sketches.
PAIRS, SKETCHES = 64, 1000

SKETCH, POWER = "polysketch:degree=4,size={}", "polynomial:degree=4"
SQUARES = "polysketch:degree=2"  # exact, in linear time
SOFTMAX = "softmax:norm=layer"  # as the polynomials are


def blocks(size):
    return f"{SKETCH.format(size)},local_block={BLOCK}"


def random_head(draw):
    return *(draw.standard_normal((TOKENS, WIDTH)) for _ in "qkv"), None


def clustered_head(draw):
    """16 directions; q, k and v of a token are about one of them."""
    centres, of = draw.standard_normal((16, WIDTH)), draw.integers(0, 16, TOKENS)
    q, k = (centres[of] + 0.5 * draw.standard_normal((TOKENS, WIDTH)) for _ in "qk")
    v = centres[of] @ draw.standard_normal((WIDTH, WIDTH)) / 8
    return q, k, v + 0.3 * draw.standard_normal((TOKENS, WIDTH)), None


def matching_head(draw):
    """Each query is like one earlier key, cosine about 0.9, and like no other."""
    _, k, v, _ = random_head(draw)
    match = np.array([draw.integers(0, max(1, i)) for i in range(TOKENS)])
    return k[match] + 0.45 * draw.standard_normal((TOKENS, WIDTH)), k, v, match


DATA = {"random": random_head, "16 clusters": clustered_head, "one match": matching_head}


def attend(shop, spec, *options):
    prodigest("attend", *(word for x in "qkv" for word in (f"--{x}", shop.path(f"{x}.npy"))), "--method", spec,
              "-o", shop.path("out.npy"), *options)
    return np.load(shop.path("out.npy")).astype(np.float64)


def save(shop, **tensors):
    for name, tensor in tensors.items():
        np.save(shop.path(f"{name}.npy"), tensor.astype(np.float32))


class Heads:
    """Heads of one sort of data in files, and what the command makes of them."""

    def __init__(self, shop, make, seeds):
        self.shop = shop
        heads = [make(np.random.default_rng(seed)) for seed in seeds]
        q, k, self.v, matches = zip(*heads)
        save(shop, q=np.array(q), k=np.array(k), v=np.array(self.v))
        self.is_local = None
        if matches[0] is not None:
            self.is_local = np.array(matches) // BLOCK == np.arange(TOKENS) // BLOCK
        self.outputs = {}

    def output(self, spec, *options):
        if spec == "mean":  # of all values so far: what comes of not looking at q and k
            return np.cumsum(self.v, axis=1) / np.arange(1, TOKENS + 1)[:, None]
        key = (spec, *options)
        if key not in self.outputs:
            self.outputs[key] = attend(self.shop, spec, "--causal", *options)
        return self.outputs[key]

    def errors(self, exact, spec, *options, of=None):
        """||O - exact|| / ||exact|| of each head, over the tokens `of`."""
        wanted = self.output(exact)
        squares, norms = ((x**2).sum(axis=2) for x in (self.output(spec, *options) - wanted, wanted))
        of = np.ones_like(squares, bool) if of is None else of
        return np.sqrt((squares * of).sum(axis=1) / (norms * of).sum(axis=1))


def cell(errors):
    return f"{errors.mean():.3f} ±{errors.std(ddof=1):.3f}"


def print_row(name, cells):
    print(f"{name:<52}" + "".join(f"{one:>16}" for one in cells), flush=True)


def output_table(data):
    """Rows: what is approximated, by what."""
    rows = [(POWER, SKETCH.format(size)) for size in SIZES]
    rows += [(POWER, SKETCH.format(32) + f",sketch={kind}") for kind in ("gaussian", "hadamard")]
    rows += [(POWER, blocks(size), *gain) for gain in ((), ("--gain", "auto")) for size in SIZES]
    rows += [(POWER, spec) for spec in (SQUARES, SOFTMAX, "mean")]
    rows += [("polynomial:degree=8", spec) for spec in ("polysketch:degree=8,size=32", "mean")]
    rows += [(SOFTMAX, spec) for spec in ("performer:size=256,norm=layer", SQUARES, POWER, "polynomial:degree=8",
                                          SKETCH.format(32), "mean")]
    curves = {}
    before = None
    for exact, *words in rows:
        if exact != before:
            print()
            print_row(f"‖O − exact‖ / ‖exact‖ to {exact}", data)
        before = exact
        errors = {name: heads.errors(exact, *words) for name, heads in data.items()}
        print_row(" ".join(words), [cell(one) for one in errors.values()])
        curves[exact, *words] = {name: one.mean() for name, one in errors.items()}
    return curves


def weights(shop, spec, degree, draw, identical):
    """Weights of one query for one key, [pairs, sketches], vectors of mean 0 and mean square 1. The value is
    1, and beside the key stands a null token of known weight."""
    q, k = (draw.standard_normal((PAIRS, SKETCHES, 1, WIDTH)) for _ in "qk")
    if identical:
        k = q
    value = np.ones((PAIRS, SKETCHES, 1, 1))
    known = WIDTH ** (degree / 2)
    if degree == 0:  # softmax, where a key of zeros weighs exp(0)
        k, value = (np.concatenate([x, np.zeros_like(x)], axis=2) for x in (k, value))
    else:
        spec += f",epsilon={known}"
    save(shop, q=q, k=k, v=value)
    share = attend(shop, spec)[:, :, 0, 0]
    return known * share / (1 - share)


def cosine_moment(power):
    """E c^power of two random vectors, which have mean 0: a sphere of WIDTH - 1 dimensions."""
    return math.prod((2 * j + 1) / (WIDTH - 1 + 2 * j) for j in range(power // 2))


def foreseen(degree, size=None):
    """Mean weight of an identical and of a random key: of softmax (degree 0), exact powers and Gaussian
    sketches."""
    if degree == 0:
        series = (WIDTH**k * cosine_moment(2 * k) / math.factorial(2 * k) for k in range(60))
        return math.exp(math.sqrt(WIDTH)), sum(series)
    if size is None:
        return WIDTH ** (degree / 2), WIDTH ** (degree / 2) * cosine_moment(degree)

    def mean_weight(c2, c4):
        """Of unit vectors whose cosine c has these moments."""
        low = c4 + (1 + 4 * c2 + 3 * c4) / size  # E<S q, S k>² of sketch degree 2
        if degree == 4:
            return low
        lengths = 1 + 4 * (c2 + c4) / size  # E |S q|² |S k|²
        return (1 - 1 / size) * low**2 + (lengths + 2 * low) ** 2 / size  # a node above two of them

    moments = (1, 1), (cosine_moment(2), cosine_moment(4))
    return tuple(WIDTH ** (degree / 2) * mean_weight(*c) for c in moments)


def selectivity_table(shop):
    rows = [(SOFTMAX, 0, None)]
    rows += [(f"polynomial:degree={degree}", degree, None) for degree in (2, 4, 8)]
    rows += [(SKETCH.format(size), 4, size) for size in SIZES]
    rows += [(SKETCH.format(32) + f",sketch={kind}", 4, 32) for kind in ("gaussian", "hadamard")]
    rows += [(f"polysketch:degree=8,size=32{kind}", 8, 32) for kind in ("", ",sketch=gaussian")]
    draw = np.random.default_rng(11)
    print(f"\nMean weights, {PAIRS * SKETCHES:,} pairs; foreseen: by formula, of Gaussian sketches")
    print_row("", ["identical", "random", "ratio", "±", "foreseen"])
    ratios = {}
    for spec, degree, size in rows:
        same, other = (weights(shop, spec, degree, draw, identical) for identical in (True, False))
        ratio = same.mean() / other.mean()
        # Sketches are what varies: their means are independent.
        spread = math.hypot(*(w.mean(axis=0).std(ddof=1) / w.mean() for w in (same, other)))
        theory = foreseen(degree, size)
        print_row(spec, [f"{x:.4g}" for x in (same.mean(), other.mean(), ratio,
                                              ratio * spread / math.sqrt(SKETCHES), theory[0] / theory[1])])
        ratios[spec] = ratio
    return ratios


def gain_table(data):
    """Exact blocks of 256 tokens, and a gain of what is sketched."""
    heads = data["one match"]
    parts = {name: (one, None) for name, one in data.items()}
    parts |= {"match in block": (heads, heads.is_local), "match before it": (heads, ~heads.is_local)}
    print(f"\n{heads.is_local.mean():.0%} of the matches are in the block of the query")
    print_row(f"‖O − exact‖ / ‖exact‖ to {POWER}", parts)
    rows = [("no blocks", SKETCH.format(32))]
    rows += [(f"blocks, gain {gain}", blocks(32), "--gain", gain) for gain in GAINS]
    rows += [("mean of all values so far", "mean")]
    curves = {}
    for label, *words in rows:
        errors = {name: one.errors(POWER, *words, of=of) for name, (one, of) in parts.items()}
        print_row(label, [cell(one) for one in errors.values()])
        if "--gain" in words:
            curves[words[-1]] = {name: one.mean() for name, one in errors.items()}
    return curves


def draw_figure(errors, ratios, gains):
    figure, (left, middle, right) = plt.subplots(1, 3, figsize=(10.5, 3.6))
    for colour, name in zip(COLOURS, DATA):
        for line, words in (("o-", lambda size: (SKETCH.format(size),)),
                            ("s--", lambda size: (blocks(size), "--gain", "auto"))):
            left.plot(SIZES, [errors[POWER, *words(size)][name] for size in SIZES], line, color=colour,
                      markersize=3, linewidth=1.2, label=name if line == "o-" else None)
        left.plot(WIDTH, errors[POWER, SQUARES][name], "x", color=colour, markersize=6)  # as dear as r = h
    left.set(xscale="log", xlabel="size r of the sketch", ylabel="‖O − exact‖ / ‖exact‖", ylim=(0, 1.6),
             title="output against exact degree 4")
    left.legend(fontsize=6, loc="upper right", title_fontsize=6,
                title="dashed: exact blocks and gain\n×: exact degree 2")

    middle.plot(SIZES, [ratios[SKETCH.format(size)] for size in SIZES], "o", color=COLOURS[0], markersize=4,
                label="sketched degree 4")
    middle.plot(SIZES, [np.divide(*foreseen(4, size)) for size in SIZES], color=COLOURS[0], linewidth=0.8,
                label="by formula, Gaussian")
    for colour, (label, spec) in zip(COLOURS[1:], (("softmax", SOFTMAX), ("exact degree 4", POWER),
                                                   ("exact degree 2", "polynomial:degree=2"))):
        middle.axhline(ratios[spec], color=colour, linestyle="--", linewidth=1.2, label=label)
    middle.set(xscale="log", yscale="log", xlabel="size r of the sketch", ylabel="identical / random key",
               title="mean weights", ylim=(10, 4000))
    middle.legend(fontsize=6)

    for colour, name in zip((*COLOURS[:2], *COLOURS[3:5]),
                            ("random", "16 clusters", "match in block", "match before it")):
        shown = {AUTO if gain == "auto" else gain: one[name] for gain, one in gains.items() if gain != 0}
        right.plot(*zip(*sorted(shown.items())), "o-", color=colour, markersize=3, linewidth=1.2, label=name)
    right.axvline(AUTO, color="#999999", linestyle="--", linewidth=0.8, label="3r/h²")
    right.set(xscale="log", xlabel="gain of what is sketched", ylim=(0, None), title="exact blocks, r = 32")
    right.legend(fontsize=6)
    for axis in (left, middle):
        axis.set_xticks(SIZES, [str(size) for size in SIZES])
        axis.tick_params(axis="x", which="minor", bottom=False)
        axis.xaxis.set_minor_formatter(NullFormatter())
    for axis in (left, middle, right):
        axis.grid(True, which="major", linewidth=0.3)
    figure.tight_layout()
    OUTPUT.mkdir(parents=True, exist_ok=True)
    figure.savefig(OUTPUT / "attention-quality.svg", metadata={"Date": None})
    print(OUTPUT / "attention-quality.svg")


def main():
    seeds = seeds_from_arguments(__doc__, default=10)
    with Workshop() as one, Workshop() as two, Workshop() as three:
        data = {name: Heads(shop, make, seeds) for (name, make), shop in zip(DATA.items(), (one, two, three))}
        errors = output_table(data)
        gains = gain_table(data)
    with Workshop() as shop:
        ratios = selectivity_table(shop)
    draw_figure(errors, ratios, gains)


if __name__ == "__main__":
    main()
