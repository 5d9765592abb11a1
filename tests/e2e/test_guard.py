"""Folders that vanish and many deletions, with real processes: the server itself is asked."""

import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dreamsync.core.status import Reason, State
from tests.support.e2e import Instance, ServerProcess, Workbench, wait_until
from tests.support.server_view import ServerView

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

_FILES = 60

Facts = dict[str, tuple[str, int]]
"""Id to path and version of what is live, asked of the server itself."""


def _live(view: ServerView) -> Facts:
    return {file.id: (file.file_name, file.version) for file in view.live()}


def _paths(view: ServerView) -> set[str]:
    return {file.file_name for file in view.live()}


@pytest.fixture(autouse=True)
def _nothing_stays_mounted(tmp_path: Path) -> Iterator[None]:
    yield
    for line in Path("/proc/self/mounts").read_text().splitlines():
        point = line.split()[1]
        if point.startswith(f"{tmp_path}/"):
            subprocess.run(["umount", "-l", point], check=True)


def _two(workbench: Workbench, *, mount: bool = False) -> tuple[ServerProcess, Instance, Instance]:
    """A and B with sixty files, in sync, both running; `mount`: A's folder is a tmpfs."""
    server = workbench.server()
    a, b = workbench.instance("a"), workbench.device("b", server)
    if mount:
        _mount(a.folder)
    a.login(server)
    a.start()
    for number in range(_FILES):
        folder = a.folder / f"folder {number % 6}"
        folder.mkdir(exist_ok=True)
        (folder / f"file {number}.txt").write_text(f"content of {number}")
    wait_until(lambda: b.wait_idle().files == _FILES, "the files in b")
    a.wait_idle()
    return server, a, b


def _mount(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=16m", "none", str(folder)],
        capture_output=True,
        check=False,
    )
    if made.returncode:
        pytest.skip("mounting is not permitted here")


def _unmount(folder: Path) -> None:
    subprocess.run(["umount", str(folder)], check=True)


def _elsewhere(a: Instance) -> Path:
    return a.home / "elsewhere"


def _take_away(a: Instance) -> None:
    a.folder.rename(_elsewhere(a))


def _bring_back(a: Instance) -> None:
    _elsewhere(a).rename(a.folder)


def _replace(a: Instance) -> None:
    _take_away(a)
    a.folder.mkdir()
    (a.folder / "stranger.txt").write_text("of another folder")


def _replace_back(a: Instance) -> None:
    shutil.rmtree(a.folder)
    _bring_back(a)


def _eject(a: Instance) -> None:
    shutil.copytree(a.folder, _elsewhere(a))
    _unmount(a.folder)


def _insert(a: Instance) -> None:
    _mount(a.folder)
    shutil.copytree(_elsewhere(a), a.folder, dirs_exist_ok=True)


_Way = tuple[Callable[[Instance], None], Callable[[Instance], None]]


@pytest.mark.promise(12)
@pytest.mark.fault("root gone")
@pytest.mark.parametrize("running", [True, False], ids=["running", "stopped"])
@pytest.mark.parametrize(
    "way",
    [(_take_away, _bring_back), (_replace, _replace_back), (_eject, _insert)],
    ids=["missing", "replaced", "unmounted"],
)
def test_without_its_root_nothing_reaches_the_server_until_it_is_back(
    workbench: Workbench, way: _Way, running: bool
) -> None:
    vanish, appear = way
    server, a, b = _two(workbench, mount=vanish is _eject)
    with ServerView(server.url) as view:
        before = _live(view)
        if not running:
            a.stop()
        vanish(a)
        if running:
            wait_until(lambda: a.status().state is State.ATTENTION, "a to see it")
            problem = a.status().problems[0]
            assert problem.reason in {Reason.ROOT_MISSING, Reason.ROOT_REPLACED}
        assert a.sync(codes=(3,)).document["state"] == "attention"
        assert _live(view) == before

        (b.folder / "meanwhile.txt").write_text("of b")
        wait_until(lambda: "meanwhile.txt" in _paths(view), "the file of b on the server")
        with_it = _live(view)
        a.command("status", codes=(3, 4))
        appear(a)
        if not running:
            a.start()

        wait_until((a.folder / "meanwhile.txt").exists, "a to go on")
        a.wait_idle()
        assert _live(view) == with_it
        (a.folder / "from a again.txt").write_text("a")
        wait_until((b.folder / "from a again.txt").exists, "a to be watching again", seconds=20)


@pytest.mark.parametrize("running", [True, False], ids=["running", "stopped"])
def test_an_emptied_root_is_a_question_and_rejecting_brings_all_back(
    workbench: Workbench, running: bool
) -> None:
    server, a, b = _two(workbench)
    with ServerView(server.url) as view:
        before = _live(view)
        if not running:
            a.stop()
        for child in a.folder.iterdir():
            if child.name != ".dreamsync":
                shutil.rmtree(child)
        if not running:
            a.start()

        wait_until(lambda: sum(hold.deletes for hold in a.status().holds) == _FILES, "the question")
        assert a.status().state is State.ATTENTION
        assert _live(view) == before

        a.command("confirm", "--reject")
        wait_until(lambda: a.wait_idle(seconds=1).files == _FILES, "all files to be back")
        assert _paths(view) == {path for path, _ in before.values()}
        assert len(list(a.folder.rglob("*.txt"))) == len(list(b.folder.rglob("*.txt"))) == _FILES


@pytest.mark.promise(12)
def test_many_deletions_wait_for_the_answer_and_go_everywhere_with_it(
    workbench: Workbench,
) -> None:
    """In pieces, as `rm -r` shows them; meanwhile a small deletion of the other side goes on."""
    server, a, b = _two(workbench)
    c = workbench.device("c", server)
    wait_until(lambda: c.wait_idle().files == _FILES, "the files in c")
    with ServerView(server.url) as view:
        before = _paths(view)
        gone = {f"folder {n % 6}/file {n}.txt" for n in range(_FILES) if n % 6 < 3}
        for number in range(3):
            shutil.rmtree(a.folder / f"folder {number}")
            wait_until(
                lambda: a.status().pending > 0 or bool(a.status().holds), "a to see a piece of it"
            )
        gone |= {f"folder {number}" for number in range(3)}
        wait_until(lambda: sum(hold.deletes for hold in a.status().holds) == 30, "the question")
        assert _paths(view) == before

        small = "folder 5/file 5.txt"
        (b.folder / small).unlink()
        wait_until(lambda: small not in _paths(view), "the small deletion on the server")
        wait_until(lambda: not (a.folder / small).exists(), "the small deletion in a")
        assert _paths(view) == before - {small}

        listed = a.command("confirm", "--list", "--json").document["items"]
        assert isinstance(listed, list)
        assert {item["path"] for item in listed} == gone
        a.command("confirm")
        wait_until(lambda: _paths(view) == before - gone - {small}, "exactly those to be gone")
        for device in (b, c):
            wait_until(lambda: device.wait_idle(seconds=1).files == 29, "them to be gone there")  # noqa: B023
            assert device.status().holds == ()
            assert not (device.folder / "folder 0").exists()
