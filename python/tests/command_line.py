"""The `prodigest` command, to hold Python against: from PRODIGEST_CLI, or on the path."""

import json
import os
import shutil
import subprocess

import pytest


def command(*arguments):
    """What the command prints; the test is skipped where there is no command."""
    path = os.environ.get("PRODIGEST_CLI") or shutil.which("prodigest")
    if not path:
        pytest.skip("no prodigest command (set PRODIGEST_CLI)")
    return subprocess.run(
        [path, *map(str, arguments)], check=True, capture_output=True, text=True
    ).stdout


def command_json(*arguments):
    return json.loads(command(*arguments, "--json"))
