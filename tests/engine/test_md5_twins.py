"""Two files of one size and one MD5 are two contents: somebody may have made them so."""

import hashlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pytest

from dreamsync.core.digest import ContentHasher
from dreamsync.core.nodes import Content
from dreamsync.remotes.delegating import DelegatingRemote
from dreamsync.remotes.errors import Refused
from dreamsync.remotes.protocol import Fetch, Remote
from tests.support.counting_remote import CountingRemote
from tests.support.devices import Device, World
from tests.support.md5_twins import MD5, ONE, OTHER

pytestmark = pytest.mark.security(11)

MTIME = 1_700_000_000.0


def put(device: Device, content: bytes, *, mtime: float = MTIME) -> None:
    path = device.root / "note.bin"
    path.write_bytes(content)
    os.utime(path, (mtime, mtime))


def contents(device: Device) -> list[bytes]:
    return sorted(path.read_bytes() for path in device.root.glob("*.bin"))


def content_of(piece: bytes) -> Content:
    hasher = ContentHasher(len(piece))
    hasher.update(piece)
    return Content(len(piece), hasher.digest, hasher.checksum)


def test_they_are_twins_and_not_equal() -> None:
    assert hashlib.md5(ONE).hexdigest() == hashlib.md5(OTHER).hexdigest() == MD5
    assert len(ONE) == len(OTHER)
    assert content_of(ONE).equals(content_of(OTHER)) is False
    assert content_of(ONE).checksum == content_of(OTHER).checksum


def test_an_edit_from_one_to_the_other_travels(world: World) -> None:
    one, other = world.device("one"), world.device("other")
    put(one, ONE)
    world.settle()

    put(one, OTHER, mtime=MTIME + 10)
    world.settle()

    assert contents(one) == contents(other) == [OTHER]


def test_made_on_both_sides_they_are_a_conflict_and_both_are_kept(world: World) -> None:
    one, other = world.device("one"), world.device("other")
    put(one, ONE)
    put(other, OTHER)

    world.settle()

    assert contents(one) == contents(other) == sorted([ONE, OTHER])


def test_moving_one_away_and_making_the_other_is_no_move_of_the_same_file(world: World) -> None:
    one, other = world.device("one"), world.device("other")
    put(one, ONE)
    world.settle()

    (one.root / "note.bin").rename(one.root / "kept.bin")
    put(one, OTHER)
    world.settle()

    assert (other.root / "kept.bin").read_bytes() == ONE
    assert (other.root / "note.bin").read_bytes() == OTHER


@dataclass
class SwappingRemote(DelegatingRemote):
    """Storage that hands out the twin of what is asked for."""

    wrapped: Remote
    asked: int = 0

    @property
    def inner(self) -> Remote:
        return self.wrapped

    def download(self, fetch: Fetch, *, offset: int = 0, end: int | None = None) -> Iterator[bytes]:
        self.asked += 1
        yield OTHER[offset:end]

    def download_batch(self, items: Sequence[Fetch]) -> Sequence[bytes | Refused]:
        self.asked += 1
        return [OTHER for _ in items]


def test_a_download_of_the_twin_is_not_the_file(world: World) -> None:
    honest = world.device("honest")
    put(honest, ONE)
    honest.sync()
    swapping = SwappingRemote(world.device("victim").remote)
    victim = Device("victim", world.folder / "victim", CountingRemote(swapping), world.clock)

    victim.live(seconds=120)

    assert swapping.asked > 0
    assert contents(victim) == []
