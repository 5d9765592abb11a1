"""Content that the space has already becomes that of another file; knowing a digest is no claim."""

import os

import pytest

from dreamsync.core.digest import ContentHasher
from dreamsync.server.service import Caller
from dreamsync.server.service.errors import (
    Conflict,
    KeyReused,
    Mismatch,
    NotFound,
    QuotaExceeded,
    ServiceError,
)
from dreamsync.server.service.requests import CopyRequest, Mutation, PathPlace, UploadRequest
from dreamsync.wire.sync_file import SyncFile
from tests.server.service.world import World

LARGE = bytes(300 * 1024)
UNKNOWN = "00000000-0000-4000-8000-000000000000"

pytestmark = pytest.mark.security(11)


def _announced(content: bytes) -> dict[str, object]:
    hasher = ContentHasher(len(content))
    hasher.update(content)
    return {"file_size": len(content), "digest": hasher.digest, "checksum": hasher.checksum}


def _copy(
    world: World,
    source: SyncFile | str,
    path: str,
    content: bytes,
    *,
    version: int = 1,
    caller: Caller | None = None,
    mutation: Mutation | None = None,
    **fields: object,
) -> SyncFile:
    upload = UploadRequest(PathPlace(path), **{**_announced(content), **fields})  # type: ignore[arg-type]
    source_id = source if isinstance(source, str) else source.id
    request = CopyRequest(source_id, version, upload)
    mutation = mutation or world.mutation()
    return world.service.files.copy(caller or world.caller, mutation, request).file


@pytest.mark.parametrize("content", [b"small, in a pack", LARGE], ids=["small", "large"])
def test_a_copy_is_a_file_of_its_own_and_outlives_what_it_was_made_from(
    world: World, content: bytes
) -> None:
    file = world.put("a", content)

    copy = _copy(world, file, "folder/b", content, modified_ns=7, executable=True)

    assert (copy.file_name, copy.version, copy.modified_ns) == ("folder/b", 1, 7)
    assert (copy.digest, copy.checksum, copy.executable) == (file.digest, file.checksum, True)
    assert len(world.blob_files()) == 1
    world.delete(file)
    world.clock.pass_days(31)
    world.service.care.purge()
    for _ in range(2):
        world.reopen()
        world.service.care.collect_garbage(grace_ms=0)
    assert world.read(copy) == content
    assert world.used == len(content)


def test_two_copies_in_a_pack_stay_whole_when_the_pack_is_rewritten(world: World) -> None:
    file = world.put("kept", b"keep me")
    copy = _copy(world, file, "copy", b"keep me")
    for number in range(20):
        world.delete(world.put(f"f{number}", bytes([number]) * 1000))
    world.clock.pass_days(31)
    world.service.care.purge()
    for _ in range(2):
        world.reopen()
        world.service.care.collect_garbage(grace_ms=0)

    assert sum(map(os.path.getsize, world.blob_files())) == len(b"keep me")
    assert (world.read(file), world.read(copy)) == (b"keep me", b"keep me")


def test_a_kept_version_and_a_tombstone_can_be_copied_too(world: World) -> None:
    file = world.put("a", b"one")
    world.put("a", b"two", base=1)

    assert world.read(_copy(world, file, "old", b"one", version=1)) == b"one"

    gone = world.delete(world.put("b", b"gone"))
    assert world.read(_copy(world, gone, "back", b"gone", version=gone.version)) == b"gone"


def test_a_copy_onto_a_file_is_its_next_version(world: World) -> None:
    source = world.put("a", b"wanted")
    target = world.put("b", b"before")

    changed = _copy(world, source, "b", b"wanted", base_version=target.version)

    assert (changed.id, changed.version) == (target.id, 2)
    assert world.read(changed) == b"wanted"
    with pytest.raises(Conflict, match="stale"):
        _copy(world, source, "b", b"wanted", base_version=1)
    with pytest.raises(Conflict, match="nameTaken"):
        _copy(world, source, "b", b"wanted")


def test_quota_counts_a_copy_as_any_file(world: World) -> None:
    file = world.put("a", b"12345678")

    _copy(world, file, "b", b"12345678")

    assert world.used == 16


@pytest.mark.parametrize("quota_limit", [10])
def test_a_copy_past_the_quota_is_refused(tmp_path: object, quota_limit: int) -> None:
    world = World(str(tmp_path), quota_limit=quota_limit)
    file = world.put("a", b"12345678")

    with pytest.raises(QuotaExceeded):
        _copy(world, file, "b", b"12345678")

    assert world.tree() == {"a": 1}
    world.close()


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"file_size": 6}, "sizeMismatch"),
        ({"digest": "0" * 64}, "digestMismatch"),
        ({"checksum": "0" * 32}, "checksumMismatch"),
        ({"file_size": None}, "sizeMismatch"),
        ({"digest": None}, "digestMismatch"),
    ],
)
def test_who_announces_another_content_gets_nothing(
    world: World, wrong: dict[str, object], code: str
) -> None:
    file = world.put("a", b"content")

    with pytest.raises(Mismatch, match=code):
        _copy(world, file, "b", b"content", **wrong)  # type: ignore[arg-type]

    assert world.tree() == {"a": 1}


def _refusal(attempt: ServiceError) -> tuple[object, ...]:
    return attempt.status, attempt.code, attempt.detail, attempt.current, dict(attempt.extra)


def test_a_digest_gives_nothing_of_another_space_and_does_not_tell_whether_it_is_there(
    world: World,
) -> None:
    theirs = world.put("secret", b"secret")
    space = world.service.spaces.create("bob", "Elsewhere")
    bob = Caller("bob", space.space_id, "phone")

    told = []
    for source, content in [(theirs.id, b"secret"), (theirs.id, b"guess"), (UNKNOWN, b"secret")]:
        with pytest.raises(NotFound) as caught:
            _copy(world, source, "mine", content, caller=bob)
        told.append(_refusal(caught.value))

    assert told == [told[0]] * 3
    assert world.service.feed.page(bob, None, 10).files == ()


def test_a_version_that_never_was_or_is_no_longer_kept_is_not_there(world: World) -> None:
    file = world.put("a", b"one")
    world.put("a", b"two", base=1)
    folder = world.folder("folder")

    with pytest.raises(NotFound):
        _copy(world, file, "b", b"one", version=3)
    with pytest.raises(NotFound):
        _copy(world, folder, "b", b"")
    world.clock.pass_days(31)
    world.service.care.purge()
    with pytest.raises(NotFound):
        _copy(world, file, "b", b"one", version=1)


@pytest.mark.promise(13)
def test_a_repeated_copy_has_one_effect_also_when_its_source_is_gone(world: World) -> None:
    file = world.put("a", b"one")
    mutation = world.mutation()
    copy = _copy(world, file, "b", b"one", mutation=mutation)
    world.delete(file)

    again = _copy(world, file, "b", b"one", mutation=mutation)

    assert again == copy
    assert world.tree() == {"b": 1}
    with pytest.raises(KeyReused):
        _copy(world, file, "c", b"one", mutation=mutation)
