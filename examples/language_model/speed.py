"""Time of a training step by the number of tokens: softmax (PyTorch's own, fused) beside sketches, the same model,
one thread: python speed.py [--lengths 1024 2048 ...]

The last column is the ratio of the seed paper's table 2 (PolySketchFormer, arXiv 2310.01655v1: whole models of 110
million parameters and more on accelerators), for a look at the shape of it.
"""

import argparse
import statistics
import time

import torch
import torch.nn.functional as F

from model import LanguageModel, Shape

VARIANTS = ("softmax", "polysketch", "polysketch-local")
PAPER = {512: 0.64, 1024: 0.64, 2048: 0.70, 4096: 0.89, 8192: 1.43, 16384: 2.5}  # steps a second, sketch / softmax


class Step:
    """Forward and backward of one sequence."""

    def __init__(self, variant, tokens):
        self.model = LanguageModel(Shape(variant))
        draw = torch.Generator().manual_seed(1)
        self.text = torch.randint(256, (1, tokens + 1), generator=draw)

    def seconds(self):
        begin = time.process_time()
        self.model.zero_grad(set_to_none=True)
        logits = self.model(self.text[:, :-1])
        F.cross_entropy(logits.flatten(0, 1), self.text[:, 1:].flatten()).backward()
        return time.process_time() - begin


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lengths", type=int, nargs="+", default=[1024, 2048, 4096, 8192, 16384])
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args()
    torch.set_num_threads(1)
    print("| tokens | " + " | ".join(f"{variant}, µs a token" for variant in VARIANTS)
          + " | softmax / polysketch-local | paper |")
    print("|" + " --- |" * (len(VARIANTS) + 3))
    for tokens in options.lengths:
        steps = [Step(variant, tokens) for variant in VARIANTS]
        for step in steps:
            step.seconds()
        # In turns, so that what else the machine does falls on all of them.
        times = zip(*([step.seconds() for step in steps] for _ in range(options.repeats)))
        medians = [statistics.median(of) for of in times]
        print(f"| {tokens} | " + " | ".join(f"{1e6 * x / tokens:.1f}" for x in medians)
              + f" | {medians[0] / medians[-1]:.2f} | {PAPER.get(tokens, '')} |", flush=True)


if __name__ == "__main__":
    main()
