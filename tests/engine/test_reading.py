"""Reading a file: one pass in steps, and only ever of one real state of it."""

import hashlib

import pytest

from dreamsync.core.nodes import Content
from dreamsync.engine.beside import AtOnce
from dreamsync.engine.jobs.reading import FileSent, FileToRead, hash_content
from dreamsync.local.protocol import Changed
from tests.support.devices import Device, World


@pytest.fixture
def device(world: World) -> Device:
    return world.device("a")


def _file(device: Device, path: str, content: bytes) -> FileToRead:
    (device.root / path).write_bytes(content)
    seen = device.disk.look(path)
    assert seen is not None
    return FileToRead(path, seen.fingerprint)


def test_a_file_is_read_in_steps_of_a_mebibyte(device: Device) -> None:
    bytes_ = b"ab" * (1024 * 1024 + 5)
    file = _file(device, "big", bytes_)
    reading = device.disk.open_for_reading(file.path, file.fingerprint)
    sent = FileSent(reading, file, None, AtOnce())

    sizes = [len(piece) for piece in sent]
    reading.close()

    assert sizes == [1024 * 1024, 1024 * 1024, 10]
    assert sent.content == Content(
        len(bytes_), hashlib.sha256(bytes_).hexdigest(), hashlib.md5(bytes_).hexdigest()
    )


@pytest.mark.promise(17)
@pytest.mark.fault("changed while sent")
@pytest.mark.parametrize("edit", [b"", b"longer than before, by far"])
def test_a_change_meanwhile_is_noticed(device: Device, edit: bytes) -> None:
    steps = hash_content(device.disk, _file(device, "note", b"some bytes"), AtOnce())
    next(steps)
    (device.root / "note").write_bytes(edit)
    with pytest.raises(Changed):
        list(steps)


@pytest.mark.promise(17)
@pytest.mark.fault("changed while sent")
def test_a_file_that_grows_is_left_at_once(device: Device) -> None:
    """Whoever writes faster than we read would otherwise be followed for ever."""
    file = _file(device, "log", b"a" * 1024)
    reading = device.disk.open_for_reading(file.path, file.fingerprint)
    with (device.root / "log").open("ab") as log:
        log.write(b"b" * 3 * 1024 * 1024)

    pieces: list[bytes] = []
    with pytest.raises(Changed):
        pieces.extend(FileSent(reading, file, None, AtOnce()))
    reading.close()

    assert not pieces


def test_an_abandoned_reading_is_closed(device: Device) -> None:
    steps = hash_content(device.disk, _file(device, "note", b"some bytes"), AtOnce())
    next(steps)
    steps.close()
