"""The wheel holds all that a town needs and nothing of ours, and serves from an empty folder on a fresh environment."""

import re
import shutil
import subprocess
import sys
import sysconfig
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.serving import ROOT, _environment, free_port

DIST = ROOT / "src" / "allmende" / "web" / "static" / "dist"
# What goes into a wheel: the same that a checkout has, without what a build would only have to skip.
SOURCES = ("src", "docs", "frontend", "package.json", "package-lock.json", "pyproject.toml", "README.md", "LICENSE")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel built from a copy of the checkout, with the tools that are installed already."""
    if not (DIST / "manifest.json").exists():
        pytest.fail("The front-end bundle is missing; `make setup` makes it.")
    copy = tmp_path_factory.mktemp("checkout")
    for name in SOURCES:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, copy / name)
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(copy / "out"), str(copy)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (found,) = (copy / "out").glob("*.whl")
    return found


@pytest.fixture(scope="module")
def names(wheel: Path) -> list[str]:
    with zipfile.ZipFile(wheel) as archive:
        return archive.namelist()


def matching(names: list[str], pattern: str) -> list[str]:
    return [name for name in names if re.fullmatch(pattern, name)]


@pytest.mark.parametrize(
    "pattern",
    [
        r"allmende/web/static/dist/manifest\.json",
        r"allmende/web/static/dist/licences\.txt",
        r"allmende/web/static/dist/fira-regular-[A-Z0-9]{8}\.woff2",
        r"allmende/web/static/dist/fira-semibold-[A-Z0-9]{8}\.woff2",
        r"allmende/web/static/dist/kern-[A-Z0-9]{8}\.css",
        r"allmende/web/static/dist/kern-[A-Z0-9]{8}\.css\.br",
        r"allmende/web/static/dist/site-[A-Z0-9]{8}\.css",
        r"allmende/web/static/dist/app-[A-Z0-9]{8}\.js",
        r"allmende/web/static/dist/map-worker-[A-Z0-9]{8}\.js",
        r"allmende/locale/de/LC_MESSAGES/django\.mo",
        r"allmende/web/templates/base\.html",
        r"allmende/web/templates/web/datastream\.html",
        r"allmende/(core|accounts|catalogue|observations|connectors|web)/migrations/0001_initial\.py",
        r"allmende-[\d.]+\.dist-info/licenses/LICENSE",
        r"allmende-[\d.]+\.dist-info/entry_points\.txt",
    ],
)
def test_it_holds_what_a_town_needs(names, pattern):
    assert matching(names, pattern), pattern


def test_every_file_that_the_manifest_names_is_there(wheel, names):
    with zipfile.ZipFile(wheel) as archive:
        manifest = archive.read("allmende/web/static/dist/manifest.json").decode()
    for asset in re.findall(r'"(dist/[^"]+)"', manifest):
        assert f"allmende/web/static/{asset}" in names


def test_every_module_of_the_source_is_in_it(names):
    missing = [
        name
        for path in (ROOT / "src").rglob("*.py")
        if "tests" not in path.parts and (name := path.relative_to(ROOT / "src").as_posix()) not in names
    ]
    assert missing == []


def test_it_holds_nothing_of_ours(names):
    """No tests, no sources of the bundle, nothing that only a developer needs."""
    assert matching(names, r".*/tests/.*|tests/.*|conftest\.py|bench/.*|frontend/.*|.*node_modules.*|.*\.pyc") == []
    assert {name.split("/")[0] for name in names if not name.startswith("allmende-")} == {"allmende"}


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment of its own with the wheel; what it depends on is lent by the environment of the tests."""
    home = tmp_path_factory.mktemp("fresh") / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(home)], check=True)
    (packages,) = home.glob("lib/python*/site-packages")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(packages)
    script = home / "bin" / "allmende"
    script.write_text(f"#!{home}/bin/python\nfrom allmende.run.cli import main\nmain()\n")
    script.chmod(0o755)
    lent = sysconfig.get_paths()["purelib"]
    # A plain path: the .pth files of that folder, among them that of this checkout, are not read.
    (packages / "lent.pth").write_text(f"import sys; sys.path.append({lent!r})\n")
    return home


def test_the_fresh_environment_runs_the_wheel_and_not_the_checkout(installed, tmp_path):
    said = subprocess.run(
        [str(installed / "bin" / "python"), "-I", "-c", "import allmende; print(allmende.__file__)"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert said.startswith(str(installed))


@pytest.fixture
def served(installed: Path, tmp_path: Path) -> Iterator[str]:
    """`allmende serve` in an empty folder, with nothing set."""
    port = free_port()
    log = (tmp_path / "log").open("wb")
    environment = {name: value for name, value in _environment().items() if not name.startswith("ALLMENDE_")}
    process = subprocess.Popen(
        [str(installed / "bin" / "allmende"), "serve", "--port", str(port)],
        cwd=tmp_path,
        env=environment,
        stdout=log,
        stderr=log,
    )
    deadline = time.monotonic() + 60
    while True:
        assert process.poll() is None, (tmp_path / "log").read_text()
        assert time.monotonic() < deadline, (tmp_path / "log").read_text()
        try:
            httpx.get(f"http://127.0.0.1:{port}/api/v1/status", timeout=5)
            break
        except httpx.TransportError:
            time.sleep(0.1)
    yield f"http://127.0.0.1:{port}"
    process.terminate()
    process.wait(30)


def test_it_serves_from_an_empty_folder(served, tmp_path):
    with httpx.Client(base_url=served, follow_redirects=True, timeout=30) as client:
        home = client.get("/de/")
        assert home.status_code == 200 and 'lang="de"' in home.text
        styles = re.findall(r'href="(/static/dist/[^"]+\.css)"', home.text)
        scripts = re.findall(r'src="(/static/dist/[^"]+\.js)"', home.text)
        assert len(styles) >= 2 and scripts
        for asset in (*styles, *scripts):
            answer = client.get(asset)
            assert answer.status_code == 200 and len(answer.content) > 100, asset
        german, english = client.get("/de/account/login/").text, client.get("/en/account/login/").text
        assert "Passwort" in german and "Password" in english  # the translation is there
        assert client.get("/de/data/").status_code == 200
        assert client.get("/api/v1/openapi.json").status_code == 200
    assert {path.name for path in (tmp_path / "data").iterdir()} >= {"allmende.sqlite3", "secret.key", "observations"}
