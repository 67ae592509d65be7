"""`allmende demo` as somebody runs it: a process of its own, twice."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest


def demo(folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("ALLMENDE_", "DATABASE_"))}
    command = [sys.executable, "-m", "allmende.run", "demo", "--data", str(folder), "--days", "1", "--no-serve"]
    return subprocess.run(command, capture_output=True, text=True, env=environment, timeout=120, check=False)


@pytest.mark.slow
def test_it_is_made_told_and_gone_on_with(tmp_path: Path):
    first = demo(tmp_path)
    assert first.returncode == 0, first.stderr
    assert "All of it is simulated" in first.stdout and "everything in it is made up" in first.stderr
    assert "administrator@demo.example" in first.stdout
    password = re.search(r"password: (\S+)", first.stdout)
    again = demo(tmp_path)
    assert again.returncode == 0 and password is not None
    assert f"password: {password[1]}" in again.stdout
    new = re.search(r"datasets, ([\d,]+) new values", again.stdout)
    assert new is not None and int(new[1].replace(",", "")) < 200
