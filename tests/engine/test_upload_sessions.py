"""Stories of large files whose upload was broken off: the server keeps what it has of them, under
the name and over the version that the upload was begun with."""

from dataclasses import replace

import pytest

from dreamsync.core.nodes import ROOT
from dreamsync.core.operations import Upload
from dreamsync.core.trees import Place
from dreamsync.engine.engine import Engine
from dreamsync.engine.events import Finished, Job, Sent, SyncAsked, Woken
from dreamsync.remotes.delegating import DelegatingRemote
from dreamsync.remotes.errors import Unreachable
from dreamsync.remotes.memory import FULL_CAPABILITIES, MemoryServer
from dreamsync.remotes.protocol import Block, BlockTicket, Pace, Remote, unpaced
from tests.support.devices import Device, World, run_job


class BreaksOffBlocks(DelegatingRemote):
    def __init__(self, remote: Remote) -> None:
        self._remote = remote

    @property
    def inner(self) -> Remote:
        return self._remote

    def send_block(
        self, ticket: BlockTicket, block: Block, content: bytes, *, pace: Pace = unpaced
    ) -> None:
        raise Unreachable("the connection broke")


@pytest.fixture
def two(world: World) -> tuple[World, Device, Device]:
    world.server = MemoryServer(
        capabilities=replace(FULL_CAPABILITIES, batch_items=0, upload_limit=4)
    )
    a, b = world.device("a"), world.device("b")
    world.settle()
    return world, a, b


def _begin_to_send(device: Device, path: str, text: str) -> None:
    device.write(path, text)
    device.context.remote = BreaksOffBlocks(device.remote)
    device.engine = Engine(device.context)
    device.live(path)
    device.context.remote = device.remote
    device.engine = Engine(device.context)


def test_where_its_name_was_taken_meanwhile_it_begins_again(
    two: tuple[World, Device, Device],
) -> None:
    world, a, b = two
    _begin_to_send(a, "film", "a long film")
    (b.root / "film").mkdir()
    b.sync()

    world.settle()

    assert sorted(a.tree().values(), key=str) == [None, "a long film"]
    assert a.tree() == b.tree()
    assert world.live_paths() == set(a.tree())


def test_where_it_was_renamed_meanwhile_it_goes_on_and_moves_then(
    two: tuple[World, Device, Device],
) -> None:
    world, a, b = two
    _begin_to_send(a, "film", "a long film")
    (a.root / "film").rename(a.root / "holidays")

    world.settle()

    assert a.tree() == b.tree() == {"holidays": "a long film"}
    assert a.remote.mutations == {"upload": 1, "move": 1}


@pytest.mark.promise(23)
def test_what_was_sent_and_has_been_downloaded_before_its_answer_is_one_more_file(
    two: tuple[World, Device, Device],
) -> None:
    world, a, _ = two
    a.write("film", "a long film")
    a.sync()
    a.write("copy", "a long film")
    *others, upload = sorted(_jobs(a), key=lambda job: len(job.nodes))
    (node,) = upload.nodes
    local = a.journal.trees.local(node)
    assert local is not None
    (file,) = world.server.changes(None, 10).files
    sent = Sent(Upload(node, Place(ROOT, "film"), local, None, None), file)

    a.live_step(*(event for job in others for event in run_job(job)))
    a.live_step(Finished(upload.id, [sent]))
    world.settle()

    assert world.live_paths() == {"film", "copy"}


def _jobs(device: Device) -> list[Job]:
    """The first ones that concern nodes, not run yet."""
    jobs = device.engine.step([SyncAsked()])
    while not any(job.nodes for job in jobs):
        jobs = device.engine.step([event for job in jobs for event in run_job(job)] or [Woken()])
    return list(jobs)
