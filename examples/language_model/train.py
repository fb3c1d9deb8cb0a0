"""Trains one model on one thread; goes on where it stopped, and then yields the very same run.

python train.py --task text --variant polysketch-local --seed 1

Leaves in OUT/TASK/VARIANT/seedN a log, one JSON object a line, and a checkpoint of all that the rest of the run
depends on: parameters, optimizer and the number of steps, from which the batches and the step size follow.
"""

import argparse
import dataclasses
import math
import os
import pathlib
import time

import torch
import torch.nn.functional as F

import attention
import tasks
from log import Log, read_log
from model import LanguageModel, Shape

LOG_EVERY = 20
GAIN_FASTER = 5  # step size of the logarithms of gains, in those of the rest


@dataclasses.dataclass(frozen=True)
class Run:
    """What a run's numbers depend on."""

    task: str
    variant: str
    seed: int = 1
    steps: int = 4000
    batch: int = 1
    tokens: int = 1024
    layers: int = 4
    heads: int = 2
    local_block: int = 64
    size: int = 32
    rate: float = 1e-3  # of 1, 2 and 4e-3 the best with softmax, on both tasks
    warmup: int = 100
    decay: float = 0.05
    evaluate_every: int = 250
    evaluate_windows: int = 64

    def folder(self, out):
        return pathlib.Path(out) / self.task / self.variant / f"seed{self.seed}"

    def shape(self, task):
        return Shape(self.variant, task.vocabulary, self.layers, self.heads, local_block=self.local_block,
                     size=self.size, rotary=task.rotary, shift=task.shift, seed=self.seed)

    def rate_at(self, step):
        """Up linearly, then down to a twentieth by a cosine."""
        warmup = min(self.warmup, self.steps // 5)
        if step < warmup:
            return self.rate * (step + 1) / warmup
        done = (step - warmup) / max(1, self.steps - warmup)
        return self.rate * (0.05 + 0.95 * (1 + math.cos(math.pi * done)) / 2)


def make_optimizer(model, run):
    """Matrices decay; norms, biases and gains do not."""
    groups = [{"params": [], "weight_decay": run.decay, "faster": 1},
              {"params": [], "weight_decay": 0, "faster": 1},
              {"params": [], "weight_decay": 0, "faster": GAIN_FASTER}]
    for name, parameter in model.named_parameters():
        group = 2 if name.endswith("log_gain") else int(parameter.ndim < 2)
        groups[group]["params"].append(parameter)
    return torch.optim.AdamW([g for g in groups if g["params"]], betas=(0.9, 0.98))


def is_finished(run, out):
    lines = read_log(run.folder(out) / "log.jsonl")
    return bool(lines) and lines[-1].get("final", False)


class Training:
    def __init__(self, run, task, out):
        self.run, self.task = run, task
        self.folder = run.folder(out)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.model = LanguageModel(run.shape(task))
        self.optimizer = make_optimizer(self.model, run)
        self.step, self.seconds, self.loss, self.counted = 0, 0.0, 0.0, 0
        self.resume()
        self.log = Log(self.folder / "log.jsonl", self.step)
        self.saved = time.monotonic()

    def resume(self):
        path = self.folder / "checkpoint.pt"
        if not path.exists():
            return
        state = torch.load(path, weights_only=True)
        if state["run"] != dataclasses.asdict(self.run):
            raise SystemExit(f"{path} is of another run: {state['run']} (another --out, or remove it)")
        self.model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.step, self.seconds, self.loss, self.counted = state["at"]

    def save(self):
        draft = self.folder / "checkpoint.draft"
        torch.save({"run": dataclasses.asdict(self.run), "model": self.model.state_dict(),
                    "optimizer": self.optimizer.state_dict(),
                    "at": [self.step, self.seconds, self.loss, self.counted]}, draft)
        os.replace(draft, self.folder / "checkpoint.pt")
        self.saved = time.monotonic()

    def train_step(self):
        """Counts the processor's seconds of training alone, not those of evaluations or of other programs."""
        begin = time.process_time()
        run = self.run
        x, y = self.task.batch(run.seed, self.step, run.batch)
        for group in self.optimizer.param_groups:
            group["lr"] = run.rate_at(self.step) * group["faster"]
        self.optimizer.zero_grad(set_to_none=True)
        loss = F.cross_entropy(self.model(x).flatten(0, 1), y.flatten(), ignore_index=tasks.IGNORED)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimizer.step()
        self.step += 1
        self.loss += loss.item()
        self.counted += 1
        self.seconds += time.process_time() - begin

    def report(self, **more):
        if self.counted:
            more["train_bits"] = self.loss / self.counted / math.log(2)
        gains = [p.exp().tolist() for name, p in self.model.named_parameters() if name.endswith("log_gain")]
        if gains and "valid_bits" in more:
            more["gains"] = gains
        self.log.add(step=self.step, tokens=self.step * self.run.batch * self.run.tokens,
                     seconds=round(self.seconds, 2), **more)
        self.loss, self.counted = 0.0, 0

    def evaluate(self, most):
        self.model.eval()
        found = self.task.evaluate(self.model, most)
        self.model.train()
        return found

    def go_on(self, save_every=180.0, until=None):
        """To the end, or to step `until`."""
        run = self.run
        while self.step < min(run.steps, until or run.steps):
            self.train_step()
            if self.step == run.steps:
                self.report(final=True, parameters=sum(p.numel() for p in self.model.parameters()),
                            run=dataclasses.asdict(run), **self.evaluate(None))
                self.save()
            elif self.step % run.evaluate_every == 0:
                self.report(**self.evaluate(run.evaluate_windows))
            elif self.step % LOG_EVERY == 0:
                self.report()
            if time.monotonic() - self.saved > save_every:
                self.save()


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for field in dataclasses.fields(Run):
        kind = type(field.default) if field.default is not dataclasses.MISSING else str
        choices = {"task": ("text", "recall"), "variant": attention.VARIANTS}.get(field.name)
        required = field.default is dataclasses.MISSING
        parser.add_argument(f"--{field.name.replace('_', '-')}", type=kind, choices=choices, required=required,
                            default=None if required else field.default)
    parser.add_argument("--data", help="of text: a folder of train.txt.xz and valid.txt.xz, or a file")
    parser.add_argument("--out", default="out/language_model")
    return vars(parser.parse_args())


def main():
    options = parse_arguments()
    data, out = options.pop("data"), options.pop("out")
    run = Run(**options)
    torch.set_num_threads(1)
    if is_finished(run, out):
        return
    Training(run, tasks.make(run.task, data, run.tokens), out).go_on()


if __name__ == "__main__":
    main()
