"""What several test files use."""

import command_line
import pytest


@pytest.fixture(scope="session")
def cli():
    """Runs the command; tests are skipped where there is none."""
    command_line.path()
    return command_line.command
