"""What several test files use."""

import os
import shutil
import subprocess

import pytest


@pytest.fixture(scope="session")
def cli():
    """Runs the command; PRODIGEST_CLI says where it is, else it is looked for on PATH."""
    command = os.environ.get("PRODIGEST_CLI") or shutil.which("prodigest")
    if not command:
        pytest.skip("no prodigest command (set PRODIGEST_CLI to its path)")

    def run(*arguments):
        return subprocess.run(
            [command, *map(str, arguments)], check=True, capture_output=True, text=True
        )

    return run
