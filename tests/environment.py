"""What has to be true before Django reads its settings: a data folder for each test process, and nobody's settings.

Loaded by `-p tests.environment` (pyproject.toml), because pytest-django sets Django up before any conftest is read.
"""

import atexit
import os
import shutil
import tempfile

ROOT = "ALLMENDE_TEST_ROOT"
KEPT = (ROOT, "ALLMENDE_LONG", "ALLMENDE_KILL_ROUNDS")
# Sign-in by OpenID Connect is loaded only where it is configured; the tests of this process look at it too.
PROVIDER = {
    "ALLMENDE_OIDC_ISSUER": "https://id.example.org",
    "ALLMENDE_OIDC_CLIENT_ID": "allmende",
    "ALLMENDE_OIDC_SECRET": "s3cret",
    "ALLMENDE_OIDC_NAME": "Town ID",
}


def isolate() -> str:
    """Points ALLMENDE_DATA at a fresh temporary folder and forgets every other ALLMENDE_ setting of the caller's shell.

    The workers of pytest-xdist inherit the root of the process that started them, which removes it at its end.
    """
    for name in [name for name in os.environ if name.startswith("ALLMENDE_") and name not in KEPT]:
        del os.environ[name]
    if ROOT not in os.environ:
        os.environ[ROOT] = tempfile.mkdtemp(prefix="allmende-tests-")
        atexit.register(_remove, os.environ[ROOT], os.getpid())
    os.environ["ALLMENDE_MQTT_PORT"] = "0"  # many servers run at once; tests of MQTT choose a port
    os.environ["ALLMENDE_DATA"] = tempfile.mkdtemp(prefix="data-", dir=os.environ[ROOT])
    os.environ |= PROVIDER
    return os.environ["ALLMENDE_DATA"]


def _remove(folder: str, owner: int) -> None:
    if os.getpid() == owner:  # a forked child leaves the folder to its parent
        shutil.rmtree(folder, ignore_errors=True)


isolate()
