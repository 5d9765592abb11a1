"""Resumable uploads: blocks in any order, verified one by one, committed at the end."""

import hashlib

import pytest

from dreamsync.core.digest import BLOCK, ContentHasher
from dreamsync.server.service import Caller, Mutation
from dreamsync.server.service.answers import Answer, UploadState
from dreamsync.server.service.errors import (
    Conflict,
    Incomplete,
    Invalid,
    Mismatch,
    NotFound,
    QuotaExceeded,
)
from dreamsync.server.service.requests import (
    AnnouncedBlock,
    CompleteRequest,
    PathPlace,
    StartUploadRequest,
)
from tests.server.service.world import World

FIRST, SECOND, TAIL = b"a" * BLOCK, b"b" * BLOCK, b"tail"


def test_a_large_file_arrives_in_blocks_and_is_read_across_them(world: World) -> None:
    content = FIRST + SECOND + TAIL
    upload = _start(world, len(content))
    for index in (2, 0, 1):
        _send(world, upload, _block(content, index), content)

    answer = _complete(world, upload, content)

    hasher = ContentHasher(len(content))
    hasher.update(content)
    assert answer.status == 201
    assert (answer.file.digest, answer.file.checksum) == (hasher.digest, hasher.checksum)
    found = world.service.contents.describe(world.caller, answer.file.id)
    opened = world.service.contents.open(world.caller.space_id, found.content_id)
    assert b"".join(opened.read(BLOCK - 2, BLOCK + 2)) == b"aabb"
    assert b"".join(opened.read(2 * BLOCK - 1)) == b"btail"
    assert b"".join(opened.read(0, 0)) == b""
    blocks = world.service.contents.blocks(world.caller, answer.file.id)
    assert blocks.blocks == tuple(_block(content, index).sha256 for index in range(3))


def test_blocks_of_the_previous_content_are_not_sent_again(world: World) -> None:
    old, new = FIRST + TAIL, FIRST + b"news"
    first = _upload(world, old)
    files_before = len(world.blob_files())

    upload = _start(world, len(new), base=1)
    states = world.service.uploads.announce(
        world.caller, upload.upload_id, [_block(new, 0), _block(new, 1)]
    )
    _send(world, upload, _block(new, 1), new)
    answer = _complete(world, upload, new)

    assert [state.present for state in states] == [True, False]
    assert answer.file.version == 2
    assert len(world.blob_files()) == files_before
    assert world.read(answer.file) == new
    assert world.read(first.file, version=1) == old


def test_an_upload_is_resumed_where_it_stopped(world: World) -> None:
    content = FIRST + TAIL
    upload = _start(world, len(content))
    _send(world, upload, _block(content, 1), content)
    world.reopen()

    state = world.service.uploads.state(world.caller, upload.upload_id)
    announced = world.service.uploads.announce(
        world.caller, upload.upload_id, [_block(content, 0), _block(content, 1)]
    )

    assert state.received == {1: _block(content, 1).sha256}
    assert [block.present for block in announced] == [False, True]
    with pytest.raises(Incomplete) as caught:
        _complete(world, upload, content)
    assert caught.value.extra == {"missing": [0]}


def test_a_block_that_is_not_what_was_announced_is_refused(world: World) -> None:
    content = FIRST + TAIL
    upload = _start(world, len(content))
    tail = _block(content, 1)

    for wrong in (b"liat", b"tai", b"tails"):
        with pytest.raises(Mismatch):
            _send_bytes(world, upload, tail, wrong)

    assert world.service.uploads.state(world.caller, upload.upload_id).received == {}


@pytest.mark.parametrize(
    ("index", "size", "sha256"),
    [(2, 4, "0" * 64), (-1, 4, "0" * 64), (1, 5, "0" * 64), (0, 4, "0" * 64), (1, 4, "xyz")],
)
def test_a_block_outside_the_file_is_refused(
    world: World, index: int, size: int, sha256: str
) -> None:
    upload = _start(world, BLOCK + 4)

    with pytest.raises(Invalid):
        world.service.uploads.announce(
            world.caller, upload.upload_id, [AnnouncedBlock(index, sha256, size)]
        )


def test_completing_verifies_the_digest_over_all_blocks(world: World) -> None:
    upload = _start(world, len(TAIL))
    _send(world, upload, _block(TAIL, 0), TAIL)

    with pytest.raises(Mismatch, match="digestMismatch"):
        world.service.uploads.complete(
            world.caller, world.mutation(), upload.upload_id, CompleteRequest(digest="0" * 64)
        )

    assert world.tree() == {}
    assert _complete(world, upload, TAIL).status == 201


def test_completing_is_compare_and_swap_and_may_be_tried_again(world: World) -> None:
    upload = _start(world, len(TAIL))
    _send(world, upload, _block(TAIL, 0), TAIL)
    other = world.put("large", b"faster")

    with pytest.raises(Conflict, match="nameTaken"):
        _complete(world, upload, TAIL)

    world.delete(other)
    assert _complete(world, upload, TAIL).file.id != other.id


def test_completing_again_with_the_same_key_gives_the_same_answer(world: World) -> None:
    upload = _start(world, len(TAIL))
    _send(world, upload, _block(TAIL, 0), TAIL)
    mutation = world.mutation()
    first = _complete(world, upload, TAIL, mutation=mutation)

    assert _complete(world, upload, TAIL, mutation=mutation) == first
    with pytest.raises(NotFound):
        world.service.uploads.state(world.caller, upload.upload_id)


def test_starting_again_with_the_same_key_is_the_same_upload(world: World) -> None:
    mutation = world.mutation()
    request = StartUploadRequest(PathPlace("large"), 100)

    first = world.service.uploads.start(world.caller, mutation, request)

    assert world.service.uploads.start(world.caller, mutation, request) == first
    assert world.used == 100


def test_an_upload_that_could_not_be_committed_does_not_start(world: World) -> None:
    world.put("large", b"")

    with pytest.raises(Conflict, match="nameTaken"):
        _start(world, 100)

    assert world.used == 0


@pytest.mark.security(12)
def test_the_quota_is_reserved_at_the_start_and_freed_at_the_end(world: World) -> None:
    world.service.spaces.set_quota(world.caller.space_id, 10)
    upload = _start(world, 8)

    with pytest.raises(QuotaExceeded):
        _start(world, 8, path="other")
    with pytest.raises(QuotaExceeded):
        world.upload("small", b"123")
    world.service.uploads.abandon(world.caller, upload.upload_id)

    assert world.used == 0
    _upload(world, b"12345678")
    assert world.used == 8


@pytest.mark.security(12)
def test_an_abandoned_upload_is_collected_after_seven_days(world: World) -> None:
    upload = _start(world, 100)
    world.clock.pass_days(7)
    world.service.care.purge()

    assert world.used == 0
    with pytest.raises(NotFound):
        world.service.uploads.state(world.caller, upload.upload_id)


def test_an_upload_of_another_account_is_not_found(world: World) -> None:
    upload = _start(world, len(TAIL))
    bob = Caller("bob", world.caller.space_id, "phone")
    uploads = world.service.uploads

    for call in (
        lambda: uploads.state(bob, upload.upload_id),
        lambda: uploads.announce(bob, upload.upload_id, []),
        lambda: uploads.abandon(bob, upload.upload_id),
        lambda: uploads.complete(bob, world.mutation(), upload.upload_id, CompleteRequest()),
    ):
        with pytest.raises(NotFound):
            call()


def test_a_claimed_checksum_is_put_right_by_care(world: World) -> None:
    upload = _start(world, len(TAIL))
    _send(world, upload, _block(TAIL, 0), TAIL)
    request = CompleteRequest(checksum="0" * 32)
    file = world.service.uploads.complete(
        world.caller, world.mutation(), upload.upload_id, request
    ).file  # fmt: skip

    world.service.care.confirm_checksums()

    shown = world.service.feed.file(world.caller, file.id)
    assert file.checksum == "0" * 32
    assert shown.checksum == hashlib.md5(TAIL).hexdigest()
    assert shown.version == 1


def _start(world: World, size: int, *, base: int = 0, path: str = "large") -> UploadState:
    request = StartUploadRequest(PathPlace(path), size, base_version=base)
    return world.service.uploads.start(world.caller, world.mutation(), request)


def _block(content: bytes, index: int) -> AnnouncedBlock:
    block = content[index * BLOCK : (index + 1) * BLOCK]
    return AnnouncedBlock(index, hashlib.sha256(block).hexdigest(), len(block))


def _send(world: World, upload: UploadState, block: AnnouncedBlock, content: bytes) -> None:
    _send_bytes(world, upload, block, content[block.index * BLOCK : (block.index + 1) * BLOCK])


def _send_bytes(world: World, upload: UploadState, block: AnnouncedBlock, content: bytes) -> None:
    uploads = world.service.uploads
    with uploads.receive_block(world.caller.space_id, upload.upload_id, block) as sink:
        sink.write(content)
        sink.finish()


def _complete(
    world: World, upload: UploadState, content: bytes, *, mutation: Mutation | None = None
) -> Answer:
    hasher = ContentHasher(len(content))
    hasher.update(content)
    request = CompleteRequest(hasher.digest, hasher.checksum, len(content))
    return world.service.uploads.complete(
        world.caller, mutation or world.mutation(), upload.upload_id, request
    )


def _upload(world: World, content: bytes) -> Answer:
    upload = _start(world, len(content))
    for index in range(-(-len(content) // BLOCK)):
        _send(world, upload, _block(content, index), content)
    return _complete(world, upload, content)
