"""Stories of folders that vanish and of many deletions: what the server is never asked to do."""

import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dreamsync.core.status import Hold, Reason, State, Status
from dreamsync.engine.events import Hinted, Pushed
from dreamsync.engine.status import engine_status
from dreamsync.local.protocol import RootState, Sign
from dreamsync.remotes.protocol import Deletion
from tests.support.devices import Device, World

_FILES = 60


@pytest.fixture
def two(world: World) -> tuple[World, Device, Device]:
    """A and B in sync, with sixty files in six folders."""
    a, b = world.device("a"), world.device("b")
    for number in range(_FILES):
        a.write(f"folder {number % 6}/file {number}.txt", f"content of {number}")
    world.settle()
    return world, a, b


def _status(device: Device) -> Status:
    return engine_status(device.context, device.engine)


def _holds(device: Device) -> tuple[Hold, ...]:
    return device.journal.holds.all()


def _answer(device: Device, *, reject: bool = False) -> None:
    with device.journal.transaction():
        device.engine.deletions.answer([hold.id for hold in _holds(device)], reject=reject)


def _asked(*devices: Device) -> list[int]:
    return [sum(device.remote.mutations.values()) for device in devices]


def _move_away(root: Path) -> None:
    root.rename(root.with_name("elsewhere"))


def _replace_by_another(root: Path) -> None:
    _move_away(root)
    root.mkdir()
    (root / "stranger.txt").write_text("of another folder")


def _lose_the_marker(root: Path) -> None:
    _move_away(root)
    shutil.copytree(root.with_name("elsewhere"), root)
    shutil.rmtree(root / ".dreamsync")
    (root / "folder 0" / "file 0.txt").unlink()


@pytest.mark.promise(12)
@pytest.mark.fault("root gone")
@pytest.mark.parametrize("running", [True, False], ids=["running", "stopped"])
@pytest.mark.parametrize(
    ("vanish", "state"),
    [
        (_move_away, RootState.MISSING),
        (_replace_by_another, RootState.UNMARKED),
        (_lose_the_marker, RootState.UNMARKED),
    ],
)
def test_without_its_root_nothing_is_done_either_way_until_it_is_back(
    two: tuple[World, Device, Device],
    running: bool,
    vanish: Callable[[Path], None],
    state: RootState,
) -> None:
    world, a, b = two
    before = world.live_paths()
    asked = _asked(a)

    vanish(a.root)
    if not running:
        a.restart()
    b.write("meanwhile.txt", "of b")
    b.sync()
    a.live("", "folder 0", seconds=30) if running else a.sync()

    assert a.engine.root is state
    assert _status(a).state is State.ATTENTION
    assert _status(a).problems[0].reason in {Reason.ROOT_MISSING, Reason.ROOT_REPLACED}
    assert world.live_paths() == before | {"meanwhile.txt"}
    assert _asked(a) == asked
    assert not (a.root / "meanwhile.txt").exists()

    shutil.rmtree(a.root, ignore_errors=True)
    a.root.with_name("elsewhere").rename(a.root)
    a.live(seconds=30)

    assert a.engine.root is RootState.PRESENT
    assert a.tree() == b.tree()
    assert world.live_paths() == before | {"meanwhile.txt"}
    assert _asked(a) == asked
    assert not _holds(a)


@pytest.mark.fault("root gone")
def test_a_deletion_that_waited_when_the_root_went_is_made_once_it_is_back(
    two: tuple[World, Device, Device],
) -> None:
    world, a, _ = two
    path = "folder 0/file 0.txt"
    (a.root / path).unlink()
    a.live_step(Hinted(path, sign=Sign.GONE))
    a.live(seconds=1.0)
    _move_away(a.root)
    a.live(seconds=10.0)
    assert path in world.live_paths()

    a.root.with_name("elsewhere").rename(a.root)
    a.live(seconds=10.0)

    assert path not in world.live_paths()


@pytest.mark.promise(12)
@pytest.mark.fault("root gone")
@pytest.mark.parametrize("running", [True, False], ids=["running", "stopped"])
def test_an_emptied_root_is_a_question(two: tuple[World, Device, Device], running: bool) -> None:
    world, a, b = two
    before = world.live_paths()
    for child in a.root.iterdir():
        if child.name != ".dreamsync":
            shutil.rmtree(child)
    if not running:
        a.restart()

    a.live("", seconds=30) if running else a.sync()
    b.sync()

    assert [hold.deletes for hold in _holds(a)] == [_FILES]
    assert _status(a).state is State.ATTENTION
    assert world.live_paths() == before
    assert len(b.tree()) == _FILES + 6


@pytest.fixture
def mounted(tmp_path: Path) -> Iterator[Path]:
    point = tmp_path / "a"
    point.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=8m", "none", str(point)],
        capture_output=True,
        check=False,
    )
    if made.returncode:
        pytest.skip("mounting is not permitted here")
    yield point
    subprocess.run(["umount", "-l", str(point)], capture_output=True, check=False)


@pytest.mark.promise(12)
@pytest.mark.fault("root gone")
def test_an_unmounted_disk_is_no_deletion_and_can_be_ejected(world: World, mounted: Path) -> None:
    a, b = world.device("a"), world.device("b")
    for number in range(_FILES):
        a.write(f"file {number}.txt", str(number))
    world.settle()
    before, asked = world.live_paths(), _asked(a)
    kept = mounted.with_name("kept")

    shutil.copytree(mounted, kept)
    subprocess.run(["umount", str(mounted)], check=True)
    a.live("", seconds=30)
    a.sync()

    assert a.engine.root is RootState.MISSING or a.engine.root is RootState.UNMARKED
    assert list(mounted.iterdir()) == []
    assert world.live_paths() == before
    assert _asked(a) == asked

    subprocess.run(["mount", "-t", "tmpfs", "none", str(mounted)], check=True)
    shutil.copytree(kept, mounted, dirs_exist_ok=True)
    b.write("from b.txt", "b")
    b.sync()
    a.live(seconds=30)

    assert a.tree() == b.tree()
    assert world.live_paths() == before | {"from b.txt"}


@pytest.mark.promise(12)
def test_many_deletions_seen_in_pieces_are_one_question(
    two: tuple[World, Device, Device],
) -> None:
    world, a, b = two
    before = world.live_paths()

    for number in range(_FILES):
        (a.root / f"folder {number % 6}" / f"file {number}.txt").unlink()
        a.live(f"folder {number % 6}/file {number}.txt", seconds=0.5)
    a.live(seconds=30)

    assert sum(hold.deletes for hold in _holds(a)) == _FILES
    assert world.live_paths() == before
    b.sync()
    assert not _holds(b)


def _move_out(device: Device, number: int, *, seconds: float) -> str:
    """The watcher sees the rename; where it leads to is not in the folder."""
    path = f"folder {number % 6}/file {number}.txt"
    (device.root / path).rename(device.root.parent / f"outside {number}.txt")
    device.live_step(Hinted(path, sign=Sign.LEFT))
    device.live(seconds=seconds)
    return path


def test_a_file_that_is_moved_out_alone_is_gone_everywhere_at_once(
    two: tuple[World, Device, Device],
) -> None:
    """The next one within two seconds waits: it might be one of many."""
    world, a, b = two
    first = _move_out(a, 0, seconds=0.1)
    assert first not in world.live_paths()
    b.live_step(Pushed())
    b.live(seconds=0.1)
    assert not (b.root / first).exists()

    second = _move_out(a, 1, seconds=0.5)
    assert second in world.live_paths()

    a.live(seconds=2)
    assert second not in world.live_paths()


@pytest.mark.promise(12)
def test_a_file_that_is_deleted_alone_waits_for_what_may_follow(
    two: tuple[World, Device, Device],
) -> None:
    """Of an `rm -r` that is slow, not even the first escapes the judgement."""
    world, a, _ = two
    first = "folder 0/file 0.txt"
    (a.root / first).unlink()
    a.live_step(Hinted(first, sign=Sign.GONE))
    a.live(seconds=1.5)

    assert first in world.live_paths()

    a.live(seconds=1)
    assert first not in world.live_paths()


@pytest.mark.promise(12)
def test_many_that_are_moved_out_one_by_one_are_one_question(
    two: tuple[World, Device, Device],
) -> None:
    """The first, which came alone, counts in the judgement of the others."""
    world, a, _ = two
    for number in range(26):
        _move_out(a, number, seconds=0.5)
    a.live(seconds=30)

    assert sum(hold.deletes for hold in _holds(a)) == 25
    assert "folder 0/file 0.txt" not in world.live_paths()


def test_the_second_is_alone_too_where_a_file_came_in_between(
    two: tuple[World, Device, Device],
) -> None:
    """Who puts something in is not emptying the folder."""
    world, a, b = two
    first = _move_out(a, 0, seconds=0.1)
    b.live_step(Pushed())
    b.live(seconds=0.1)
    (a.root.parent / "outside 0.txt").rename(a.root / first)
    a.live_step(Hinted(first, sign=Sign.FINISHED))
    a.live(seconds=0.1)
    b.live_step(Pushed())
    b.live(seconds=0.1)

    second = _move_out(a, 1, seconds=0.1)
    b.live_step(Pushed())
    b.live(seconds=0.1)

    assert second not in world.live_paths()
    assert not (b.root / second).exists()
    assert a.tree() == b.tree()


def _device_with_files(world: World, count: int) -> Device:
    device = world.device("a")
    for number in range(count):
        device.write(f"folder {number}/file {number}.txt", f"content of {number}")
    device.sync()
    return device


def test_one_of_few_files_that_is_moved_out_waits_a_moment_longer(world: World) -> None:
    """The fewer there are, the more it matters that those which follow are judged with it."""
    a = _device_with_files(world, 3)

    path = _move_out(a, 0, seconds=0.2)
    assert path in world.live_paths()

    a.live(seconds=0.2)
    assert path not in world.live_paths()


@pytest.mark.promise(12)
@pytest.mark.parametrize(("files", "seconds"), [(2, 0.5), (3, 0.2), (6, 0.2)])
def test_of_few_files_none_is_gone_before_all_are_judged(
    world: World, files: int, seconds: float
) -> None:
    """They empty the folder, however few they are; of the last two not even one goes alone."""
    a = _device_with_files(world, files)
    for number in range(files):
        _move_out(a, number, seconds=seconds)
    a.live(seconds=30)

    assert sum(hold.deletes for hold in _holds(a)) == files


def test_a_file_that_came_back_and_is_deleted_then_was_not_moved_out(
    two: tuple[World, Device, Device],
) -> None:
    world, a, _ = two
    _move_out(a, 0, seconds=0.5)
    path = _move_out(a, 1, seconds=0.5)
    (a.root.parent / "outside 1.txt").rename(a.root / path)
    a.live(path, seconds=5)
    (a.root / path).unlink()
    a.live_step(Hinted(path, sign=Sign.GONE))
    a.live(seconds=1)

    assert path in world.live_paths()


def test_slow_deletions_go_through_until_they_are_too_many(
    two: tuple[World, Device, Device],
) -> None:
    world, a, _ = two

    for number in range(_FILES):
        (a.root / f"folder {number % 6}" / f"file {number}.txt").unlink()
        a.live(f"folder {number % 6}/file {number}.txt", seconds=4)

    files = [path for path in world.live_paths() if path.endswith(".txt")]
    assert len(files) == _FILES - 25
    assert sum(hold.deletes for hold in _holds(a)) == _FILES - 25


def _delete_half(device: Device) -> set[str]:
    gone = {f"folder {number % 6}/file {number}.txt" for number in range(0, _FILES, 2)}
    for path in gone:
        (device.root / path).unlink()
    return gone


def test_a_small_deletion_on_the_other_side_goes_through_meanwhile(
    two: tuple[World, Device, Device],
) -> None:
    world, a, b = two
    gone = _delete_half(a)
    a.sync()
    assert len(_holds(a)) == 1

    (b.root / "folder 1/file 1.txt").unlink()
    b.sync()
    a.sync()

    assert not (a.root / "folder 1/file 1.txt").exists()
    assert "folder 1/file 1.txt" not in world.live_paths()
    assert gone <= world.live_paths()
    assert [hold.deletes for hold in _holds(a)] == [len(gone)]


def test_what_was_confirmed_is_gone_everywhere_without_a_second_question(
    two: tuple[World, Device, Device],
) -> None:
    world, a, b = two
    c = world.device("c")
    c.sync()
    before = world.live_paths()
    gone = _delete_half(a)
    a.sync()

    _answer(a)
    a.sync()
    for device in (b, c):
        device.sync()

    assert world.live_paths() == before - gone
    assert [_holds(device) for device in (a, b, c)] == [(), (), ()]
    assert a.tree() == b.tree() == c.tree()
    assert not gone & set(b.tree())


def test_what_was_rejected_comes_back(two: tuple[World, Device, Device]) -> None:
    world, a, b = two
    before, tree = world.live_paths(), b.tree()
    _delete_half(a)
    a.sync()

    _answer(a, reject=True)
    a.sync()
    b.sync()

    assert a.tree() == b.tree() == tree
    assert world.live_paths() == before
    assert not _holds(a)


def test_files_put_back_take_the_question_away(two: tuple[World, Device, Device]) -> None:
    _, a, b = two
    tree = a.tree()
    aside = a.root.with_name("aside")
    shutil.copytree(a.root / "folder 0", aside / "folder 0")
    for number in range(6):
        shutil.rmtree(a.root / f"folder {number}")
    a.sync()
    assert sum(hold.deletes for hold in _holds(a)) == _FILES

    shutil.copytree(aside / "folder 0", a.root / "folder 0")
    a.sync()
    assert sum(hold.deletes for hold in _holds(a)) == _FILES - 10

    _answer(a, reject=True)
    a.sync()
    assert a.tree() == b.tree() == tree


def test_deletions_made_on_the_server_side_are_held_here_too(
    two: tuple[World, Device, Device],
) -> None:
    """Another device went wild and its person said yes there only to a few at a time."""
    world, a, b = two
    a.restart()
    page = world.server.changes(None, 1000)
    for count, file in enumerate(file for file in page.files if file.kind.value == "file"):
        deletion = Deletion(f"{count:032x}", file.id, file.version, file.file_name)
        world.server.delete(deletion, device_id="web", cursor=None)

    a.sync()

    assert [hold.deletes for hold in _holds(a)] == [_FILES]
    assert a.tree() == b.tree()
    _answer(a, reject=True)
    a.sync()
    assert len([path for path in world.live_paths() if path.endswith(".txt")]) == _FILES
