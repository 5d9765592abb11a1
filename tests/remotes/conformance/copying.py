"""Content that the server has: copied without its bytes, from where the account may read it."""

from dataclasses import replace

import pytest

from dreamsync.remotes.errors import Conflict, ConflictCode, ContentMismatch, NotFound
from dreamsync.remotes.protocol import Position, Put, Source
from dreamsync.wire.sync_file import SyncFile
from tests.remotes.accounts import (
    Account,
    at,
    content_of,
    deletion_of,
    download,
    feed,
    file_put,
    head,
    make_folder,
    upload,
)

_BYTES = b"what is there already"


class CopyingConformance:
    def test_a_copy_has_the_bytes_and_is_a_node_of_its_own(self, account: Account) -> None:
        folder = make_folder(account.first, at("folder"))
        original = upload(account.first, at("a.txt"), _BYTES)

        copy = account.second.copy(_put(at("b.txt", folder)), _source(original))

        assert copy.id != original.id
        assert (copy.version, copy.parent_id, copy.name) == (1, folder.id, "b.txt")
        assert (copy.digest, copy.checksum) == (original.digest, original.checksum)
        assert copy.modified_ns == 1_700_000_000_123_456_789
        assert download(account.first, copy) == _BYTES
        assert copy in feed(account.first)

    def test_a_copy_over_a_file_is_its_next_version(self, account: Account) -> None:
        original = upload(account.first, at("a.txt"), _BYTES)
        before = upload(account.first, at("b.txt"), b"before")

        copy = account.second.copy(_put(at("b.txt"), over=before), _source(original))

        assert (copy.id, copy.version) == (before.id, 2)
        with pytest.raises(Conflict) as caught:
            account.second.copy(_put(at("b.txt"), over=before), _source(original))
        assert caught.value.code is ConflictCode.STALE
        assert caught.value.current == copy

    def test_a_copy_overwrites_no_file(self, account: Account) -> None:
        original = upload(account.first, at("a.txt"), _BYTES)
        there = upload(account.first, at("b.txt"), b"there")

        with pytest.raises(Conflict) as caught:
            account.second.copy(_put(at("b.txt")), _source(original))

        assert caught.value.code is ConflictCode.NAME_TAKEN
        assert caught.value.current == there

    def test_a_repeated_copy_has_no_second_effect(self, account: Account) -> None:
        original = upload(account.first, at("a.txt"), _BYTES)
        put = _put(at("b.txt"))
        copy = account.second.copy(put, _source(original))
        account.first.delete(deletion_of(original))
        cursor = head(account.first)

        assert account.second.copy(put, _source(original)) == copy
        assert head(account.first) == cursor

    def test_what_was_deleted_can_still_be_copied_from(self, account: Account) -> None:
        original = upload(account.first, at("a.txt"), _BYTES)
        tombstone = account.first.delete(deletion_of(original))

        copy = account.second.copy(_put(at("b.txt")), _source(tombstone))

        assert download(account.first, copy) == _BYTES

    @pytest.mark.security(11)
    def test_a_digest_alone_gives_nothing(self, account: Account) -> None:
        original = upload(account.first, at("a.txt"), _BYTES)
        cursor = head(account.first)

        for source in (
            Source("00000000-0000-4000-8000-00000000ffff", 1),
            Source(original.id, 2),
            _source(make_folder(account.first, at("folder"))),
        ):
            with pytest.raises(NotFound):
                account.second.copy(_put(at("b.txt")), source)

        assert [file.name for file in feed(account.first, cursor)] == ["folder"]

    @pytest.mark.security(11)
    def test_a_source_of_another_content_is_refused(self, account: Account) -> None:
        original = upload(account.first, at("a.txt"), b"another")
        same = content_of(b"another")

        for announced in (
            content_of(_BYTES),
            replace(same, digest=content_of(_BYTES).digest),
            replace(same, checksum=content_of(_BYTES).checksum),
        ):
            with pytest.raises(ContentMismatch):
                account.second.copy(
                    replace(_put(at("b.txt")), content=announced), _source(original)
                )

        assert feed(account.first) == [original]


def _put(position: Position, *, over: SyncFile | None = None) -> Put:
    return replace(file_put(position, _BYTES, over=over), content=content_of(_BYTES))


def _source(file: SyncFile) -> Source:
    return Source(file.id, file.version)
