"""Connectors of a running server, set up and looked at as an administrator does: by the command line."""

import json
import subprocess
import sys
import time

from tests.serving import ROOT, Server, _environment


def command(server: Server, *words: str) -> str:
    """`allmende connector …`; its output."""
    line = [sys.executable, "-m", "allmende.run", "connector", *words, "--data", str(server.data)]
    environment = {**_environment(), **server.environment}
    done = subprocess.run(line, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def add(server: Server, kind: str, config: dict, dataset: str = "weather") -> tuple[str, str]:
    """(code, secret) of a connector; the secret is empty where there is none."""
    path = server.data / f"{kind}.json"
    path.write_text(json.dumps(config))
    said = command(server, "add", kind, "--name", f"a {kind}", "--dataset", dataset, "--config", str(path))
    return said.split()[0], said.rpartition("X-Allmende-Secret:")[2].strip() if "X-Allmende-Secret" in said else ""


def show(server: Server, code: str) -> dict:
    """The whole state of one."""
    return json.loads(command(server, "show", code))


def wait_for(condition, seconds: float = 20):
    """What the condition gives, as soon as it is something."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := condition():
            return found
        time.sleep(0.1)
    raise AssertionError("It did not come about in time.")


def observations(server: Server, stream: str, **params) -> list[dict]:
    """The observations of a datastream."""
    with server.client("read") as client:
        return client.get(f"/api/v1/datastreams/{stream}/observations", params=params).json()["observations"]


def datastreams(server: Server) -> list[dict]:
    """All datastreams that a reader sees."""
    with server.client("read") as client:
        return client.get("/api/v1/datastreams", params={"limit": 1000}).json()["datastreams"]
