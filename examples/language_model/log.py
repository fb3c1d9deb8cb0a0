"""Logs of runs: one JSON object a line. Apart from the rest, so that to read them takes no PyTorch."""

import json


def read_log(path):
    """The lines of a log; one that was cut short by a stop is not among them."""
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text().splitlines(keepends=True) if line.endswith("\n")]


class Log:
    """After a stop, lines past the checkpoint are dropped: they are written again."""

    def __init__(self, path, step):
        self.path = path
        kept = [line for line in read_log(path) if line["step"] <= step] if step else []
        draft = path.with_suffix(".draft")
        draft.write_text("".join(json.dumps(line) + "\n" for line in kept))
        draft.replace(path)

    def add(self, **line):
        with self.path.open("a") as file:
            file.write(json.dumps(line) + "\n")
