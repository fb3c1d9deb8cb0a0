"""The tour on docs/python.md runs as it stands there."""

import pathlib
import re

import numpy as np
import pytest

PAGE = pathlib.Path(__file__).parents[2] / "docs" / "python.md"


@pytest.mark.skipif(not PAGE.exists(), reason="docs/ is not here")
def test_the_ten_line_tour_runs(monkeypatch, tmp_path, capsys):
    monkeypatch.chdir(tmp_path)
    tour = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)[0]
    names = {}
    exec(compile(tour, PAGE.name, "exec"), names)
    exact = names["a"].T @ names["b"]
    assert np.linalg.norm(names["w"].value - exact) <= names["w"].frobenius_error.bound
    assert "use " in capsys.readouterr().out
    assert names["y"].shape == (100_000,)
