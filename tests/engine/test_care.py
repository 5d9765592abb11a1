"""What is done once all else is: a sync is over only when that is done too."""

from tests.support.devices import World


def test_a_sync_ends_with_nothing_of_ours_left_in_staging(world: World) -> None:
    a = world.device("a")
    a.disk.stage("what a killed process left", resume=False).close()
    a.sync()
    assert a.disk.staged_names() == []


def test_a_sync_ends_with_the_trash_purged(world: World) -> None:
    a = world.device("a")
    a.write("old.txt", "old")
    seen = a.disk.look("old.txt")
    assert seen is not None
    assert seen.fingerprint is not None
    a.disk.trash_file("old.txt", expect=seen.fingerprint, reason="deleted elsewhere")
    world.clock.seconds += 31 * 24 * 3600
    a.sync()
    assert list(a.disk.trash()) == []


def test_a_sync_ends_with_the_server_told_how_far_the_device_is(world: World) -> None:
    a = world.device("a")
    a.write("note.txt", "one")
    a.sync()
    settings = a.journal.settings
    assert settings.get("acknowledged") == settings.get("cursor") is not None
