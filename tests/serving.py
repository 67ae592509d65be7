"""A real server on a real socket for tests: `running_server` for one of a test's own, `server` shared by a module."""

import fcntl
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from tests.environment import PROVIDER
from tests.environment import ROOT as TEST_ROOT

TABLES = "tests.tables"
ROOT = Path(__file__).resolve().parents[1]


def free_port() -> int:
    """A port of the loopback address that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@dataclass
class Server:
    """A server process on a data folder; start, stop, kill as often as a test likes."""

    data: Path
    port: int
    seeds: dict = field(default_factory=dict)
    arguments: tuple[str, ...] = ()
    environment: dict = field(default_factory=dict)
    process: subprocess.Popen | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self, patience: float = 30) -> "Server":
        command = [
            sys.executable,
            "-m",
            "allmende.run",
            "serve",
            "--data",
            str(self.data),
            "--port",
            str(self.port),
            *self.arguments,
        ]
        with (self.data / "server.log").open("ab") as log:
            self.process = subprocess.Popen(command, env={**_environment(), **self.environment}, stdout=log, stderr=log)
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise RuntimeError(self.log())
            try:
                httpx.get(self.url + "/api/v1/status", timeout=5)
                return self
            except httpx.TransportError:
                time.sleep(0.05)
        raise TimeoutError(self.log())

    def stop(self, how: int = signal.SIGTERM) -> None:
        if self.process and self.process.poll() is None:
            self.process.send_signal(how)
            self.process.wait(timeout=60)

    def kill(self) -> None:
        self.stop(signal.SIGKILL)

    def log(self) -> str:
        return (self.data / "server.log").read_text(errors="replace")[-4000:]

    def client(self, token: str = "write", **options) -> httpx.Client:
        headers = {"Authorization": f"Bearer {self.seeds[token]}"} if token else {}
        return httpx.Client(base_url=self.url, headers=headers, timeout=options.pop("timeout", 30), **options)


def _environment() -> dict[str, str]:
    """Tests of real servers use SQLite in their own folder, whatever database the run is about."""
    dropped = {"DATABASE_URL", "ALLMENDE_DATA", *PROVIDER}
    return {name: value for name, value in os.environ.items() if name not in dropped}


def filled(data: Path, module: str, argument: int = 0) -> dict:
    """Makes `data` a copy of the folder that `python -m MODULE DIR ARGUMENT` fills, and returns what that printed.

    Filling takes seconds, mostly for the tables; so it is done once per test run, by the first of its processes to ask.
    """
    pattern = Path(os.environ[TEST_ROOT]) / f"{module}-{argument}"
    printed = Path(f"{pattern}.json")
    with Path(f"{pattern}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not printed.exists():
            if module != TABLES:
                filled(pattern, TABLES)
            command = [sys.executable, "-m", module, str(pattern), str(argument)]
            done = subprocess.run(command, cwd=ROOT, env=_environment(), capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stderr
            printed.write_text(done.stdout)
    shutil.copytree(pattern, data, dirs_exist_ok=True)
    return json.loads(printed.read_text())


def seeded(data: Path, count: int = 3) -> dict:
    return filled(data, "tests.seeding", count)


@pytest.fixture
def running_server(tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path / "data", free_port(), seeded(tmp_path / "data"))
    yield server.start()
    server.stop()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    data = tmp_path_factory.mktemp("server") / "data"
    server = Server(data, free_port(), seeded(data))
    yield server.start()
    server.stop()
