"""The quickstart of the documentation, cell by cell, without Jupyter."""

import importlib.util
import json
import os
import pathlib

import pytest

NOTEBOOK = pathlib.Path(__file__).parents[2] / "docs" / "quickstart.ipynb"


def code_cells():
    cells = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    return [cell for cell in cells if cell["cell_type"] == "code"]


@pytest.mark.skipif(not NOTEBOOK.exists(), reason="docs/ is not here")
def test_every_cell_of_the_quickstart_runs(monkeypatch, capsys):
    monkeypatch.chdir(NOTEBOOK.parent)
    has_matplotlib = importlib.util.find_spec("matplotlib") is not None
    if has_matplotlib:
        import matplotlib

        matplotlib.use("Agg")
    names = {}
    for number, cell in enumerate(code_cells()):
        if "matplotlib" in cell["metadata"].get("tags", []) and not has_matplotlib:
            continue
        source = "".join(cell["source"])
        exec(compile(source, f"{NOTEBOOK.name}, code cell {number}", "exec"), names)
    said = capsys.readouterr().out
    assert "error bar" in said and "polysketch" in said


@pytest.mark.skipif(not NOTEBOOK.exists(), reason="docs/ is not here")
def test_the_quickstart_was_executed_from_top_to_bottom():
    counts = [cell["execution_count"] for cell in code_cells()]
    assert counts == list(range(1, len(counts) + 1))
    outputs = [output for cell in code_cells() for output in cell["outputs"]]
    assert not [output for output in outputs if output["output_type"] == "error"]
    assert os.path.getsize(NOTEBOOK) < 200_000
