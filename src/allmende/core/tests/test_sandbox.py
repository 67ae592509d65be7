"""The sandbox: what passes, what is refused, and how each sort of end is told."""

import contextlib
import os
import socket
import time
from pathlib import Path
from typing import Any

import pytest

from allmende.core.sandbox import Limits, Sandbox, SandboxCrash, SandboxMemory, SandboxTimeout

MISDEEDS = "allmende.core.tests.misdeeds"


def run(name: str, limits: Limits | None = None, **arguments: Any) -> list[bytes]:
    with Sandbox(MISDEEDS, limits=limits or Limits(wall_seconds=20)) as box:
        return [bytes(frame) for frame in box.call(name, **arguments)]


def test_input_and_arguments_go_in_and_frames_come_out(tmp_path: Path):
    file = tmp_path / "input"
    file.write_bytes(os.urandom(3_000_000))
    with file.open("rb") as source, Sandbox(MISDEEDS, source) as box:
        *pieces, arguments = box.call("echo", b=[1, "ü"], a=None)
    assert b"".join(pieces) == file.read_bytes()
    assert arguments.decode() == "[('a', None), ('b', [1, 'ü'])]"


def test_a_second_call_finds_the_child_ready(tmp_path: Path):
    file = tmp_path / "input"
    file.write_bytes(b"abc")
    with file.open("rb") as source, Sandbox(MISDEEDS, source) as box:
        assert [bytes(frame) for frame in box.call("echo")] == [b"abc", b"[]"]
        assert [bytes(frame) for frame in box.call("echo", long="x" * 300_000)][-1].startswith(b"[('long', 'xxx")


def test_an_unfinished_call_does_not_disturb_the_next(tmp_path: Path):
    file = tmp_path / "input"
    file.write_bytes(bytes(1_000_000))
    with file.open("rb") as source, Sandbox(MISDEEDS, source) as box:
        next(box.call("echo"))
        assert [bytes(frame) for frame in box.call("start_thread")] == [b"a thread ran"]


def test_a_start_is_quick():
    begun = time.monotonic()
    run("echo")
    assert time.monotonic() - begun < 2  # 0.1 s alone; the machine may be busy


def test_the_locks_are_reported():
    with Sandbox(MISDEEDS) as box:
        assert not box.network_isolated
        list(box.call("echo"))
    assert box.network_isolated
    assert box.isolation is not None and box.isolation.processes


@pytest.mark.parametrize("family", ["AF_INET", "AF_INET6", "AF_UNIX"])
def test_sockets_are_refused(family: str):
    assert run("open_socket", family=family) == [b"refused: PermissionError"]


def test_not_even_a_listening_neighbour_is_reached():
    with socket.create_server(("127.0.0.1", 0)) as server:
        assert run("connect", port=server.getsockname()[1])[0].startswith(b"refused")


def test_files_are_neither_written_nor_made_nor_removed_nor_read(tmp_path: Path):
    kept = tmp_path / "kept"
    kept.write_text("precious")
    assert run("write_file", path=str(kept))[0].startswith(b"refused")
    assert run("write_file", path=str(tmp_path / "new"))[0].startswith(b"refused")
    with Sandbox(MISDEEDS) as box:
        refusals = [bytes(next(box.call("make_empty_file", path=str(tmp_path / "empty"))))]
    if box.isolation is None or not box.isolation.files:
        pytest.skip("this kernel has no Landlock: only the size of written files is limited")
    refusals += [run(deed, path=str(kept))[0] for deed in ("remove_file", "read_file")]
    assert refusals == [b"refused: PermissionError"] * 3
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]
    assert kept.read_text() == "precious"


def test_the_input_cannot_be_changed(tmp_path: Path):
    file = tmp_path / "input"
    file.write_bytes(b"precious")
    with file.open("rb") as source, Sandbox(MISDEEDS, source) as box:
        assert bytes(next(box.call("write_input"))).startswith(b"refused")
    assert file.read_bytes() == b"precious"


def test_the_input_can_be_opened_again_but_no_other_file(tmp_path: Path):
    file, neighbour = tmp_path / "input", tmp_path / "neighbour"
    file.write_bytes(b"precious")
    neighbour.write_bytes(b"secret")
    with file.open("rb") as source, Sandbox(MISDEEDS, source) as box:
        paths = (
            "/proc/self/fd/0",
            str(file),
            str(neighbour),
            str(tmp_path),
            "/etc/passwd",
            f"/proc/{os.getpid()}/environ",
        )
        told = [bytes(next(box.call("read_file", path=path))) for path in paths]
        written = bytes(next(box.call("write_file", path="/proc/self/fd/0")))
    assert box.isolation is not None
    if not box.isolation.files:
        pytest.skip("this kernel has no Landlock")
    assert told[:2] == [b"done: b'precious'"] * 2
    assert told[2:] == [b"refused: PermissionError"] * 4
    assert written.startswith(b"refused") and file.read_bytes() == b"precious"


def test_an_input_that_takes_the_name_of_the_first_is_refused(tmp_path: Path):
    file = tmp_path / "input"
    file.write_bytes(b"first")
    with file.open("rb") as source, Sandbox(MISDEEDS, source) as box:
        list(box.call("environment"))  # the locks are on
        file.unlink()
        file.write_bytes(b"second")
        told = [bytes(next(box.call("read_file", path=path))) for path in (str(file), "/proc/self/fd/0")]
    if box.isolation is None or not box.isolation.files:
        pytest.skip("this kernel has no Landlock")
    assert told == [b"refused: PermissionError", b"done: b'first'"]


def test_no_secret_is_in_the_environment(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("ALLMENDE_SECRET_KEY", "hush")
    monkeypatch.setenv("DATABASE_URL", "postgresql://user:hush@host/name")
    names = run("environment")[0].decode()
    assert "ALLMENDE" not in names and "DATABASE" not in names


@pytest.mark.parametrize("deed", ["fork", "run_program", "kill_parent"])
def test_no_other_process_is_made_or_touched(deed: str):
    assert run(deed) == [b"refused: PermissionError"]


def test_a_fork_bomb_only_burns_its_own_time():
    with pytest.raises(SandboxTimeout, match="1 seconds of processor time"):
        run("fork_for_ever", Limits(cpu_seconds=1, wall_seconds=20))


def test_threads_are_allowed():
    assert run("start_thread") == [b"a thread ran"]


def test_limits_cannot_be_raised():
    assert run("raise_limits")[0].startswith(b"refused")


@pytest.mark.parametrize("deed", ["eat_memory", "eat_memory_natively"])
def test_memory_ends_in_its_own_error(deed: str):
    with pytest.raises(SandboxMemory, match="512 MiB"):
        run(deed, Limits(memory=2**29, wall_seconds=20))


def test_a_sleeper_is_ended_by_the_wall_clock():
    begun = time.monotonic()
    with pytest.raises(SandboxTimeout, match=r"longer than 1\.5 seconds"):
        run("sleep", Limits(wall_seconds=1.5))
    assert time.monotonic() - begun < 5


def test_a_burner_is_ended_by_its_processor_time():
    with pytest.raises(SandboxTimeout, match="processor"):
        run("burn", Limits(cpu_seconds=1, wall_seconds=20))


def test_the_parents_own_work_does_not_count_as_waiting():
    with Sandbox(MISDEEDS, limits=Limits(wall_seconds=3)) as box:
        for _ in box.call("echo"):
            time.sleep(3.2)


def test_printing_neither_blocks_nor_disturbs():
    assert run("print_for_ever") == [b"still here"]


@pytest.mark.parametrize("deed", ["forge_frames", "huge_frame"])
def test_what_is_no_frame_is_a_crash(deed: str):
    with pytest.raises(SandboxCrash, match="no frame"):
        run(deed)


def test_the_child_waits_while_nobody_reads():
    with Sandbox(MISDEEDS) as box:
        frames = box.call("endless_output")
        next(frames)
        time.sleep(0.5)
        spent = sum(int(n) for n in Path(f"/proc/{box._child.pid}/stat").read_text().split()[13:15])
        assert spent < 200  # hundredths of a second: it did not run on
        assert len(next(frames)) == 1 << 20


@pytest.mark.parametrize(
    ("deed", "message"),
    [("stumble", "RuntimeError: the last words"), ("fault", "SIGSEGV"), ("leave", "ended early")],
)
def test_a_crash_comes_after_the_whole_frames_and_says_why(deed: str, message: str):
    frames = []
    with Sandbox(MISDEEDS) as box, pytest.raises(SandboxCrash, match=message):
        frames.extend(box.call(deed))
    assert frames == [b"one frame"]


def test_last_words_are_kept_but_not_all_of_them():
    with Sandbox(MISDEEDS) as box, pytest.raises(SandboxCrash) as caught:
        list(box.call("stumble"))
    assert "Traceback" in caught.value.last_words and len(caught.value.last_words) <= 4000


def test_a_function_that_is_not_there():
    with pytest.raises(SandboxCrash, match="no_such"):
        run("no_such")


def test_nothing_is_left_behind():
    before = set(os.listdir("/proc/self/fd"))
    boxes = []
    for name in ("echo", "stumble", "sleep", ""):
        with Sandbox(MISDEEDS) as box, contextlib.suppress(SandboxCrash):
            if name:
                next(box.call(name))
        boxes.append(box)
    assert set(os.listdir("/proc/self/fd")) == before
    assert all(box._child.returncode is not None for box in boxes)
