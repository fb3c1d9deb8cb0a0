"""All runs of the page, one after the other, on one thread: python run_all.py --data FOLDER [--out OUT]

Finished runs are skipped and one that was stopped goes on, so the command may be given again at any time. The first
runs are those that matter most: what there is after an hour is worth looking at.
"""

import argparse
import dataclasses
import time

import torch

import tasks
from train import Run, Training, is_finished

TEXT = Run("text", "")
RECALL = Run("recall", "", layers=2, steps=2000, batch=2)
MAIN = ("softmax", "polysketch-local", "local")
OTHERS = ("polynomial", "polysketch", "polysketch-learned-local", "performer")


def runs():
    def several(base, variants, seed):
        return [dataclasses.replace(base, variant=variant, seed=seed) for variant in variants]

    return (several(TEXT, MAIN, 1) + several(RECALL, MAIN, 1) + several(TEXT, MAIN, 2)
            + several(RECALL, OTHERS, 1) + several(TEXT, OTHERS, 1) + several(TEXT, MAIN, 3)
            + several(RECALL, MAIN, 2) + several(RECALL, MAIN, 3))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True, help="a folder of train.txt.xz and valid.txt.xz, or a file")
    parser.add_argument("--out", default="out/language_model")
    parser.add_argument("--list", action="store_true", help="only tell what is finished")
    options = parser.parse_args()
    torch.set_num_threads(1)
    made = {}
    for run in runs():
        finished = is_finished(run, options.out)
        print(time.strftime("%H:%M:%S"), run.task, run.variant, f"seed {run.seed}",
              "finished" if finished else "", flush=True)
        if finished or options.list:
            continue
        if run.task not in made:
            made[run.task] = tasks.make(run.task, options.data, run.tokens)
        Training(run, made[run.task], options.out).go_on()


if __name__ == "__main__":
    main()
