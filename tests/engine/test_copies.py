"""Stories of content that the account has already: it is not sent again, and all else stays."""

import os
import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from dreamsync.core.digest import BLOCK
from dreamsync.core.nodes import Content, Kind, NodeKey, RemoteEntry
from dreamsync.engine.events import Event, Failed, Finished, Job, SyncAsked
from dreamsync.journal.contents import INDEXED_ABOVE
from dreamsync.journal.journal import Journal
from dreamsync.remotes.delegating import DelegatingRemote
from dreamsync.remotes.errors import ContentMismatch, NotFound, Unreachable
from dreamsync.remotes.memory import FULL_CAPABILITIES, MemoryServer
from dreamsync.remotes.protocol import Put, Remote, Source
from dreamsync.wire.sync_file import SyncFile
from tests.support.devices import Device, World, run_job

_SIZE = INDEXED_ABOVE + 1
_CONTENT = random.Random(1).randbytes(_SIZE // 2 + 1).hex()[:_SIZE]
_OTHER = _CONTENT[::-1]


@dataclass
class Copying(DelegatingRemote):
    """`before` comes before each copy that reaches the server, `after` the answer."""

    wrapped: Remote
    before: Callable[[Source], None] = lambda _: None
    after: Callable[[SyncFile], SyncFile] = lambda file: file
    asked: list[Source] = field(default_factory=list)

    @property
    def inner(self) -> Remote:
        return self.wrapped

    def copy(self, put: Put, source: Source) -> SyncFile:
        self.asked.append(source)
        self.before(source)
        return self.after(super().copy(put, source))


@pytest.fixture
def a(world: World) -> Device:
    a = world.device("a")
    a.write("original.bin", _CONTENT)
    a.sync()
    return a


def _copying(device: Device, **what: object) -> Copying:
    remote = Copying(device.remote.wrapped, **what)  # type: ignore[arg-type]
    device.remote.wrapped = remote
    return remote


def _sent(device: Device) -> int:
    """Content bytes sent since the last question."""
    sent, device.remote.bytes_up = device.remote.bytes_up, 0
    return sent


@pytest.mark.promise(7)
@pytest.mark.security(11)
def test_a_copy_made_in_the_folder_is_copied_on_the_server(world: World, a: Device) -> None:
    b = world.device("b")
    b.sync()
    _sent(a)
    a.write("folder/copy.bin", _CONTENT)

    a.sync()

    assert _sent(a) == 0
    assert a.remote.mutations["copy"] == 1
    b.sync()
    assert b.tree() == a.tree()


def test_a_file_that_has_moved_and_is_taken_for_a_new_one_is_not_sent_again(
    world: World, a: Device
) -> None:
    """As when it went by way of another disk: neither its inode nor its times are the old ones."""
    _sent(a)
    (a.root / "original.bin").unlink()
    a.write("elsewhere/moved.bin", _CONTENT)
    a.restart()

    a.sync()

    assert _sent(a) == 0
    assert world.live_paths() == {"elsewhere", "elsewhere/moved.bin"}


def test_a_file_is_only_copied_if_its_bytes_are_the_same(world: World, a: Device) -> None:
    remote = _copying(a)
    _sent(a)
    a.write("of the same size.bin", _OTHER)

    a.sync()

    assert remote.asked == []
    assert _sent(a) == _SIZE
    b = world.device("b")
    b.sync()
    assert b.tree() == a.tree()


def test_an_edit_that_brings_content_back_is_copied_over_the_file(world: World, a: Device) -> None:
    a.write("other.bin", _OTHER)
    a.sync()
    _sent(a)
    a.write("other.bin", _CONTENT)

    a.sync()

    assert _sent(a) == 0
    b = world.device("b")
    b.sync()
    assert b.tree() == a.tree()


def test_a_file_of_many_blocks_is_copied_in_one_request(world: World) -> None:
    a, content = world.device("a"), bytes(BLOCK) + b"the second block"
    (a.root / "large.bin").write_bytes(content)
    a.sync()
    (a.root / "copy.bin").write_bytes(content)
    _copying(a)

    a.sync()

    assert a.remote.mutations == {"upload": 1, "copy": 1}
    assert a.remote.wrapped.status().quota_used == 2 * len(content)
    assert world.server.space.uploads == {}


def test_what_is_no_longer_there_to_be_copied_is_sent(world: World, a: Device) -> None:
    def gone(_: Source) -> None:
        raise NotFound("the server does not keep this version's content")

    _copying(a, before=gone)
    _sent(a)
    a.write("copy.bin", _CONTENT)

    a.sync()

    assert _sent(a) == _SIZE
    assert world.live_paths() == {"original.bin", "copy.bin"}


def test_a_source_that_another_device_has_changed_meanwhile_is_still_the_version_that_was_meant(
    world: World, a: Device
) -> None:
    b = world.device("b")
    b.sync()
    b.write("original.bin", "changed by b")
    b.sync()
    _sent(a)
    remote = _copying(a)
    a.write("copy.bin", _CONTENT)

    a.live("copy.bin")

    assert [source.version for source in remote.asked] == [1]
    assert _sent(a) == 0
    world.settle()
    assert b.tree() == {"original.bin": "changed by b", "copy.bin": _CONTENT}


@pytest.mark.promise(7, 13)
@pytest.mark.fault("answer lost")
def test_a_copy_whose_answer_is_lost_is_no_conflict(world: World, a: Device) -> None:
    def lost_once(file: SyncFile) -> SyncFile:
        remote.after = lambda file: file
        raise Unreachable("the answer was lost")

    remote = _copying(a, after=lost_once)
    _sent(a)
    a.write("copy.bin", _CONTENT)

    a.sync()

    assert len(remote.asked) == 1
    assert _sent(a) == 0
    assert world.live_paths() == {"original.bin", "copy.bin"}
    assert a.tree() == {"original.bin": _CONTENT, "copy.bin": _CONTENT}


@pytest.mark.promise(17)
def test_a_file_that_changed_after_it_was_read_is_not_copied(world: World, a: Device) -> None:
    remote = _copying(a)
    a.write("copy.bin", _CONTENT)
    for job in _until_upload(a):
        a.write("copy.bin", _OTHER)
        a.engine.step(list(run_job(job)))

    a.sync()

    assert remote.asked == []
    b = world.device("b")
    b.sync()
    assert b.tree() == {"original.bin": _CONTENT, "copy.bin": _OTHER}


def _until_upload(device: Device) -> list[Job]:
    """The jobs of the step in which the file, read by now, is about to be uploaded."""
    events: list[Event] = [SyncAsked()]
    for _ in range(200):
        jobs = device.engine.step(events)
        if device.context.transfers:
            return jobs
        events = [event for job in jobs for event in run_job(job)]
        device.clock.seconds += 0.01
    raise AssertionError("nothing is uploaded")


def test_a_server_that_says_to_have_copied_something_else_is_not_believed(
    world: World, a: Device
) -> None:
    _copying(a, after=lambda file: replace(file, digest="0" * 64))
    a.write("copy.bin", _CONTENT)
    (job,) = _until_upload(a)

    finished = list(run_job(job))[-1]

    assert isinstance(finished, Finished)
    (outcome,) = finished.outcomes
    assert isinstance(outcome, Failed)
    assert isinstance(outcome.error, ContentMismatch)


def test_small_files_go_together_and_without_a_question(world: World, a: Device) -> None:
    remote = _copying(a)
    a.write("small.txt", "small")
    a.sync()
    a.write("small copy.txt", "small")

    a.sync()

    assert remote.asked == []


def test_a_server_that_cannot_copy_is_sent_everything(tmp_path: Path) -> None:
    world = World(tmp_path, MemoryServer(capabilities=replace(FULL_CAPABILITIES, copies=False)))
    a = world.device("a")
    a.write("original.bin", _CONTENT)
    a.sync()
    os.link(a.root / "original.bin", a.root / "link.bin")

    a.sync()

    assert a.remote.mutations == {"upload": 2}


@pytest.mark.parametrize("size", [INDEXED_ABOVE + 1, 10 << 30])
def test_large_files_of_a_size_are_found_without_reading_the_tree(size: int) -> None:
    journal = Journal(":memory:")
    with journal.transaction():
        for number in range(3):
            node = NodeKey(number + 2)
            journal.trees.identify(node, f"id {number}")
            content = Content(size, f"digest {number}", None)
            entry = RemoteEntry(NodeKey(1), f"{number}", Kind.FILE, f"id {number}", 7, content)
            journal.trees.put_remote(node, entry)

    queries: list[str] = []
    sql = journal._sql
    sql.set_trace_callback(queries.append)
    found = journal.contents.holder_of(Content(size, "digest 1"), beside=NodeKey(9))
    assert found is not None
    assert (found.remote_id, found.version) == ("id 1", 7)
    assert journal.contents.holder_of(Content(size, "digest 1"), beside=NodeKey(3)) is None
    assert journal.contents.has_size(size, beside=NodeKey(2))
    assert not journal.contents.has_size(size + 1, beside=NodeKey(2))
    sql.set_trace_callback(None)
    plans = [row[3] for query in queries for row in sql.execute(f"EXPLAIN QUERY PLAN {query}")]
    assert [plan for plan in plans if "SCAN" in plan] == []
    assert any("remote_large" in plan for plan in plans)
    journal.close()
