"""Garbage, packs, crashes, backup and restore."""

import os
from pathlib import Path

import pytest

from dreamsync.server.service import backup, restore_backup
from dreamsync.server.service.backup import BackupError
from dreamsync.server.service.errors import FeedBroken, Mismatch
from tests.server.service.world import World

LARGE = bytes(300 * 1024)


def test_bytes_that_nothing_names_are_collected_after_the_grace_period(world: World) -> None:
    kept = world.put("kept", LARGE)
    gone = world.put("gone", LARGE + b"!")
    world.delete(gone)
    world.clock.pass_days(31)
    world.service.care.purge()

    world.service.care.collect_garbage()
    assert len(world.blob_files()) == 2
    world.service.care.collect_garbage(grace_ms=0)

    assert len(world.blob_files()) == 1
    assert world.read(kept) == LARGE


def test_an_upload_that_was_refused_or_dropped_leaves_garbage_only(world: World) -> None:
    with pytest.raises(Mismatch):
        world.upload("a", LARGE, digest="0" * 64)
    with world.service.files.receive(world.caller) as sink:
        sink.write(LARGE)

    assert world.blob_files() == []


def test_a_sparse_pack_is_rewritten_and_open_downloads_go_on(world: World) -> None:
    kept = world.put("kept", b"keep me")
    for number in range(20):
        world.delete(world.put(f"f{number}", bytes([number]) * 1000))
    found = world.service.contents.describe(world.caller, kept.id)
    opened = world.service.contents.open(world.caller.space_id, found.content_id)
    world.clock.pass_days(31)
    world.service.care.purge()
    world.reopen()

    world.service.care.collect_garbage(grace_ms=0)
    world.reopen()
    world.service.care.collect_garbage(grace_ms=0)

    assert sum(map(os.path.getsize, world.blob_files())) == len(b"keep me")
    assert world.read(kept) == b"keep me"
    assert b"".join(opened.read()) == b"keep me"


def test_a_pack_in_use_is_never_collected(world: World) -> None:
    world.service.care.collect_garbage(grace_ms=0)
    with world.service.files.receive(world.caller) as sink:
        sink.write(b"not yet named")
        world.service.care.collect_garbage(grace_ms=0)
    file = world.put("a", b"named")
    world.service.care.collect_garbage(grace_ms=0)

    assert world.read(file) == b"named"


def test_the_torn_tail_of_a_pack_after_a_crash_harms_nothing(world: World) -> None:
    file = world.put("a", b"durable")
    world.service.close()
    (pack,) = world.blob_files()
    with open(pack, "ab") as torn:
        torn.write(b"half a rec")

    world.reopen()
    after = world.put("b", b"next")

    assert (world.read(file), world.read(after)) == (b"durable", b"next")
    assert len(world.blob_files()) == 2


def test_all_of_care_runs_over_a_server_in_use(world: World) -> None:
    file = world.put("a", b"one")

    world.service.care.run()

    assert world.read(file) == b"one"


def test_care_that_is_stopped_leaves_the_rest_for_later(world: World) -> None:
    world.delete(world.put("a", b"one"))
    world.clock.pass_days(31)
    world.service.care.stop()
    world.service.care.run()
    assert world.used == 3

    world.reopen()
    world.service.care.run()
    assert world.used == 0


def test_a_removed_space_leaves_nothing(world: World) -> None:
    world.put("a", LARGE)
    world.service.close()
    world.reopen()
    world.service.spaces.remove(world.caller.space_id)

    assert world.blob_files() == []


def test_a_restored_server_has_everything_and_another_history(world: World, tmp_path: Path) -> None:
    small, large = world.put("small", b"one"), world.put("large", LARGE)
    at_backup = world.cursor
    backup(world.data_dir, str(tmp_path / "backup"))
    world.put("later", b"lost")
    lost = world.cursor

    restore_backup(str(tmp_path / "backup"), str(tmp_path / "restored"))
    world.service.close()
    world.data_dir = str(tmp_path / "restored")
    world.reopen()

    assert world.tree() == {"small": 1, "large": 1}
    assert (world.read(small), world.read(large)) == (b"one", LARGE)
    world.put("anew", b"")
    for cursor in (at_backup, lost):
        with pytest.raises(FeedBroken, match="historyReplaced"):
            world.since(cursor)
    assert world.since(world.cursor) == []


def test_a_second_backup_copies_what_is_new(world: World, tmp_path: Path) -> None:
    target = str(tmp_path / "backup")
    world.put("a", LARGE)
    world.put("small", b"1")
    backup(world.data_dir, target)
    first = {path: os.stat(path).st_mtime_ns for path in _large_files(target)}
    world.put("b", LARGE + b"!")
    world.put("small", b"22", base=1)

    backup(world.data_dir, target)
    restore_backup(target, str(tmp_path / "restored"))

    again = {path: os.stat(path).st_mtime_ns for path in _large_files(target)}
    assert len(again) == 2
    assert first.items() <= again.items()


def test_a_restore_never_overwrites_a_server(world: World, tmp_path: Path) -> None:
    backup(world.data_dir, str(tmp_path / "backup"))

    with pytest.raises(BackupError):
        restore_backup(str(tmp_path / "backup"), world.data_dir)
    with pytest.raises(BackupError):
        backup(str(tmp_path / "nothing"), str(tmp_path / "other"))


def test_a_backup_without_all_its_bytes_is_no_backup(world: World, tmp_path: Path) -> None:
    world.put("a", LARGE)
    for path in world.blob_files():
        os.unlink(path)

    with pytest.raises(BackupError):
        backup(world.data_dir, str(tmp_path / "backup"))


@pytest.mark.security(7)
def test_the_data_is_private_to_the_server(world: World) -> None:
    world.put("small", b"1")
    world.put("large", LARGE)

    for path in [*world.blob_files(), os.path.join(world.data_dir, "dreamsync.sqlite3")]:
        assert os.stat(path).st_mode & 0o077 == 0


def _large_files(root: str) -> list[str]:
    found = [os.path.join(f, name) for f, _, names in os.walk(root) for name in names]
    return [path for path in found if "large" in path]
