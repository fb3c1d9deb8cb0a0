"""The `prodigest` command, to hold Python against: from PRODIGEST_CLI, or on the path."""

import json
import os
import shutil
import subprocess

import pytest


def path():
    """Of the command; the test is skipped where there is none."""
    found = os.environ.get("PRODIGEST_CLI") or shutil.which("prodigest")
    if not found:
        pytest.skip("no prodigest command (set PRODIGEST_CLI to its path)")
    return found


def command(*arguments):
    """What the command prints."""
    return subprocess.run(
        [path(), *map(str, arguments)], check=True, capture_output=True, text=True
    ).stdout


def command_json(*arguments):
    return json.loads(command(*arguments, "--json"))
