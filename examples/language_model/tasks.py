"""What is learned: the next byte of text, or the value that once followed a key.

Batch number i of a seed is the same for every variant and depends on nothing else, so training can stop
and go on anywhere.
"""

import lzma
import math
import pathlib

import numpy as np
import torch
import torch.nn.functional as F

IGNORED = -100  # a target that is not asked for
EVALUATION_BATCH = 8


def read_bytes(path):
    data = lzma.open(path).read() if path.suffix == ".xz" else path.read_bytes()
    return np.frombuffer(data, np.uint8)


def losses_and_hits(model, x, y):
    """[batch, tokens] each, on batches that fit in little memory."""
    losses, hits = [], []
    with torch.no_grad():
        for start in range(0, len(x), EVALUATION_BATCH):
            of = slice(start, start + EVALUATION_BATCH)
            logits = model(x[of])
            losses.append(F.cross_entropy(logits.mT, y[of], reduction="none", ignore_index=IGNORED))
            hits.append(logits.argmax(-1) == y[of])
    return torch.cat(losses), torch.cat(hits)


class Text:
    """Windows of a text, byte by byte."""

    vocabulary, rotary, shift = 256, True, False
    STRETCH = 16  # losses are told as means of so many positions

    def __init__(self, train, valid, tokens):
        self.train, self.valid, self.tokens = train, valid, tokens

    def windows(self, text, starts):
        windows = torch.from_numpy(np.stack([text[i : i + self.tokens + 1] for i in starts])).long()
        return windows[:, :-1], windows[:, 1:]

    def batch(self, seed, number, size):
        draw = np.random.default_rng([seed, number])
        return self.windows(self.train, draw.integers(len(self.train) - self.tokens, size=size))

    def evaluate(self, model, most=None):
        """Bits a byte of windows side by side, spread over the text if there are to be at most so many."""
        starts = np.arange(0, len(self.valid) - self.tokens, self.tokens)
        if most is not None and most < len(starts):
            starts = starts[np.linspace(0, len(starts) - 1, most).astype(int)]
        losses, _ = losses_and_hits(model, *self.windows(self.valid, starts))
        by_position = losses.mean(0) / math.log(2)
        stretches = [stretch.mean().item() for stretch in by_position.split(self.STRETCH)]
        return {"valid_bits": by_position.mean().item(), "windows": len(starts),
                "bits_by_position": [round(x, 4) for x in stretches]}


class Recall:
    """Multi-query associative recall (Arora et al., "Zoology", 2023): pairs of a key and a value, strewn among
    noise, and once more the key at a distance that is log-uniform; its value is asked for. Keys are of one
    sequence only, so nothing but the context tells the value.

    Position-free, with a convolution of two tokens: what is measured is whether the attention finds one
    token among many, not how long it takes to learn to look at the token before.
    """

    NOISE, KEYS, VALUES = 32, 64, 32
    vocabulary, rotary, shift = NOISE + KEYS + VALUES, False, True
    PAIRS = 48
    EVALUATED = 256  # sequences

    def __init__(self, tokens):
        self.tokens = tokens
        self.pairs = min(self.PAIRS, tokens // 8)

    def sequence(self, draw):
        """Tokens, what is asked, and at what distance in tokens (0: nothing asked)."""
        slots = self.tokens // 2  # of a key and a value each
        x = draw.integers(self.NOISE, size=(slots, 2))
        y = np.full((slots, 2), IGNORED)
        distance = np.zeros((slots, 2), int)
        taken = np.zeros(slots, bool)
        for key in draw.permutation(self.KEYS)[: self.pairs]:
            gap = int(slots ** draw.uniform())
            free = np.flatnonzero(~taken[: slots - gap] & ~taken[gap:])
            if not len(free):
                continue
            first = draw.choice(free)
            again = first + gap
            value = draw.integers(self.VALUES)
            x[[first, again]] = self.NOISE + key, self.NOISE + self.KEYS + value
            y[again, 0] = self.NOISE + self.KEYS + value
            distance[again, 0] = 2 * gap
            taken[[first, again]] = True
        return x.ravel(), y.ravel(), distance.ravel()

    def sequences(self, draw, size):
        return tuple(torch.from_numpy(np.stack(part)) for part in
                     zip(*(self.sequence(draw) for _ in range(size))))

    def batch(self, seed, number, size):
        return self.sequences(np.random.default_rng([seed, number]), size)[:2]

    def evaluate(self, model, most=None):
        """Accuracy, and by the distance: of "64" are those at 64 to 127 tokens."""
        x, y, distance = self.sequences(np.random.default_rng(0), min(self.EVALUATED, most or self.EVALUATED))
        losses, hits = losses_and_hits(model, x, y)
        asked = distance > 0
        octave = distance[asked].double().log2().floor().int()
        hits = hits[asked].double()
        by_distance = {str(2**i): round(hits[octave == i].mean().item(), 4) for i in octave.unique().tolist()}
        return {"accuracy": hits.mean().item(), "valid_bits": losses[asked].mean().item() / math.log(2),
                "questions": len(hits), "accuracy_by_distance": by_distance}


def make(name, data, tokens):
    """`data`: a folder of train.txt.xz and valid.txt.xz, or any file, the last tenth of which is kept back."""
    if name == "recall":
        return Recall(tokens)
    data = pathlib.Path(data)
    if data.is_dir():
        return Text(read_bytes(data / "train.txt.xz"), read_bytes(data / "valid.txt.xz"), tokens)
    text = read_bytes(data)
    cut = len(text) * 9 // 10
    return Text(text[:cut], text[cut:], tokens)
