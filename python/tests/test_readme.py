"""The Python program of the README, as it stands there."""

import pathlib
import re
import subprocess
import sys

README = pathlib.Path(__file__).parents[2] / "README.md"


def test_the_program_of_the_readme_prints_a_product_and_its_error(tmp_path):
    program = re.search(r"```python\n(.*?)```", README.read_text("utf-8"), re.DOTALL)[1]
    out = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, check=True, capture_output=True, text=True
    ).stdout
    numbers = re.fullmatch(r"(\S+) \+- (\S+), exactly (\S+)\n", out)
    value, error, exact = map(float, numbers.groups())
    assert abs(value - exact) < 4 * error
    assert (tmp_path / "a.pdg").is_file()
