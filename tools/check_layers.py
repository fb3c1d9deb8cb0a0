#!/usr/bin/env python3
"""Checks who includes whom: a file includes its own folder and lower floors only, and never in a
cycle. Public headers include <std> and "prodigest/..." only. Lists offenders by file:line.

    python3 tools/check_layers.py [ROOT]
"""

import pathlib
import re
import sys

FLOOR = {
    "base": 0,
    "core": 1,
    "io": 2, "coding": 2,
    "sampling": 3, "linear": 3, "lattice": 3, "kernel": 3, "attention": 3,
    "digest": 4,
    "regression": 5, "search": 5, "cache": 5, "retrieval": 5, "compare": 5,
    "cli": 6, "python": 6, "mpi": 6,
}
TREES = ("include/prodigest", "src", "cli", "python", "mpi")
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
STANDARD = re.compile(r"[a-z_0-9]+")  # <vector>, but not <zlib.h> or <hwy/highway.h>


def folder(path):
    """The folder of the house that a file (relative to the root) stands in, "" for none."""
    parts = path.parts[:-1]
    for prefix in (("include", "prodigest"), ("src",)):
        if parts[: len(prefix)] == prefix:
            parts = parts[len(prefix):]
            break
    return parts[0] if parts else ""


def resolve(root, includer, name):
    """The file that #include "name" means: beside the includer, public, private or in a front end."""
    for base in (includer.parent, pathlib.Path("include"), pathlib.Path("src"), pathlib.Path()):
        if (root / base / name).is_file():
            return base / name
    return None


def check_include(root, path, bracket, name):
    """(included file or None, complaint or None)"""
    if path.parts[0] == "include":
        if not (STANDARD.fullmatch(name) if bracket == "<" else name.startswith("prodigest/")):
            return None, f'a public header may include only <std> and "prodigest/...", not {name}'
    if bracket == "<":
        return None, None
    included = resolve(root, path, name)
    if included is None:
        return None, f'"{name}" is no file of this tree (others are included as <...>)'
    own, other = folder(path), folder(included)
    if own == other or FLOOR.get(other, 9) < FLOOR.get(own, 9):
        return included, None
    way = "sideways" if FLOOR.get(other) == FLOOR.get(own) else "upwards"
    return included, f'{own or "the top"} includes {way}: "{name}"'


def cycles(graph):
    """One complaint for every include that closes a cycle (depth-first search)."""
    done, stack = set(), []

    def visit(path):
        stack.append(path)
        for line, included in graph.get(path, ()):
            if included in stack:
                chain = stack[stack.index(included):] + [included]
                yield f"{path}:{line}: include cycle: {' -> '.join(map(str, chain))}"
            elif included not in done:
                yield from visit(included)
        done.add(stack.pop())

    for path in sorted(graph):
        if path not in done:
            yield from visit(path)


def check(root):
    """All complaints about the tree under root."""
    complaints, graph = [], {}
    for tree in TREES:
        for file in sorted(p for p in (root / tree).rglob("*") if p.suffix in (".hpp", ".cpp", ".h")):
            path = file.relative_to(root)
            if folder(path) and folder(path) not in FLOOR:
                complaints.append(f"{path}:1: folder {folder(path)} has no floor (add it to FLOOR)")
            graph[path] = []
            for line, text in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
                if match := INCLUDE.match(text):
                    included, complaint = check_include(root, path, *match.groups())
                    if complaint:
                        complaints.append(f"{path}:{line}: {complaint}")
                    if included:
                        graph[path].append((line, included))
    return complaints + list(cycles(graph)), len(graph)


if __name__ == "__main__":
    here = pathlib.Path(__file__).resolve().parent.parent
    found, files = check(pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else here)
    print("\n".join(found) if found else f"layers: {files} files keep to their floors")
    sys.exit(bool(found) or files == 0)
