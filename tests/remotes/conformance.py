"""The contract as stories that every full server must tell the same way.

A subclass gives the fixture `account`. The reference server and our own run all of them.
"""

import hashlib
import unicodedata
from dataclasses import replace

import pytest

from dreamsync.core.digest import BLOCK, block_size
from dreamsync.core.nodes import Content, Kind
from dreamsync.remotes.errors import (
    Conflict,
    ConflictCode,
    ContentMismatch,
    CursorExpired,
    HistoryReplaced,
    Incomplete,
    InvalidRequest,
    NotFound,
    TooLarge,
)
from dreamsync.remotes.protocol import Block, Position, Put, Remote, UploadSession
from dreamsync.wire.sync_file import SyncFile
from tests.remotes.accounts import (
    Account,
    SentBytes,
    at,
    content_of,
    deletion_of,
    download,
    feed,
    fetch_of,
    file_put,
    folder_put,
    head,
    make_folder,
    new_key,
    upload,
)


class ReadingConformance:
    """Status, feed, cursors, contents."""

    def test_status_tells_the_head_of_the_feed_and_what_is_offered(self, account: Account) -> None:
        upload(account.first, at("a.txt"), b"alpha")

        status = account.first.status()

        assert status.cursor == account.first.changes(None).cursor
        assert status.quota_used == 5
        assert account.first.capabilities == status.capabilities
        assert status.capabilities.batches
        assert status.capabilities.sessions

    def test_an_upload_reaches_the_other_device_whole(self, account: Account) -> None:
        sent = upload(account.first, at("사진.jpg"), b"pixels")

        (received,) = feed(account.second)

        assert received == sent
        assert received.file_name == "사진.jpg"
        assert received.version == 1
        assert received.modified_ns == 1_700_000_000_123_456_789
        assert content_of(b"pixels") == Content(
            received.file_size, received.digest, received.checksum
        )
        assert download(account.second, received) == b"pixels"

    def test_an_empty_file_is_a_file(self, account: Account) -> None:
        sent = upload(account.first, at("empty"), b"")

        assert sent.digest == content_of(b"").digest
        assert download(account.second, sent) == b""

    def test_a_download_goes_on_where_it_stopped(self, account: Account) -> None:
        content = bytes(range(256)) * 1000
        sent = upload(account.first, at("a.bin"), content)

        rest = b"".join(account.second.download(fetch_of(sent), offset=200_000))

        assert rest == content[200_000:]

    def test_a_download_is_of_the_version_that_was_asked_for(self, account: Account) -> None:
        old = upload(account.first, at("a.txt"), b"old")
        upload(account.first, at("a.txt"), b"newer", over=old)

        assert download(account.second, old) == b"old"

    def test_the_feed_tells_each_node_once_with_its_latest_state(self, account: Account) -> None:
        created = upload(account.first, at("a.txt"), b"one")
        changed = upload(account.first, at("a.txt"), b"two", over=created)

        assert feed(account.second) == [changed]

    def test_the_feed_goes_on_after_a_cursor(self, account: Account) -> None:
        upload(account.first, at("a.txt"), b"a")
        cursor = head(account.first)
        second = upload(account.first, at("b.txt"), b"b")

        page = account.second.changes(cursor)

        assert page.files == (second,)
        assert account.second.changes(page.cursor).files == ()

    def test_pages_add_up_to_the_whole_feed(self, account: Account) -> None:
        sent = [upload(account.first, at(f"{n}.txt"), b"x") for n in range(5)]

        assert feed(account.second, limit=2) == sent

    def test_the_first_listing_has_no_tombstones_and_the_feed_has(self, account: Account) -> None:
        cursor = head(account.first)
        node = upload(account.first, at("a.txt"), b"a")
        tombstone = account.first.delete(deletion_of(node))

        assert feed(account.second) == []
        assert feed(account.second, cursor) == [tombstone]

    def test_a_deletion_during_the_first_listing_is_told(self, account: Account) -> None:
        nodes = [upload(account.first, at(f"{n}.txt"), b"x") for n in range(3)]
        page = account.second.changes(None, limit=2)

        account.first.delete(deletion_of(nodes[0]))

        rest = feed(account.second, page.cursor)
        assert [(node.id, node.deleted) for node in rest] == [
            (nodes[2].id, False),
            (nodes[0].id, True),
        ]

    def test_a_folder_s_move_is_one_entry_of_the_feed(self, account: Account) -> None:
        folder = make_folder(account.first, at("old"))
        child = upload(account.first, at("a.txt", folder), b"a")
        cursor = head(account.first)

        moved = account.first.move(folder.id, at("new"), base_version=folder.version, key=new_key())

        assert feed(account.second, cursor) == [moved]
        now = account.second.current(child.id)
        assert (now.version, now.file_name) == (child.version, "new/a.txt")

    def test_a_cursor_older_than_purged_tombstones_expires(self, account: Account) -> None:
        node = upload(account.first, at("a.txt"), b"a")
        old = head(account.first)
        account.first.delete(deletion_of(node))

        account.purge_tombstones()

        with pytest.raises(CursorExpired):
            account.second.changes(old)
        listed_anew = account.second.changes(None)
        assert listed_anew.files == ()
        assert account.second.changes(listed_anew.cursor).files == ()

    def test_a_cursor_of_lost_history_is_refused_to_readers_and_writers(
        self, account: Account
    ) -> None:
        kept = upload(account.first, at("kept.txt"), b"kept")
        put_back = account.backup()
        upload(account.first, at("lost.txt"), b"lost")
        cursor = head(account.first)

        put_back()

        with pytest.raises(HistoryReplaced):
            account.first.changes(cursor)
        account.first.use_cursor(cursor)
        with pytest.raises(HistoryReplaced):
            account.first.delete(deletion_of(kept))
        assert feed(account.second) == [kept]

    def test_lost_history_stays_lost_when_the_server_has_moved_on(self, account: Account) -> None:
        put_back = account.backup()
        upload(account.first, at("lost.txt"), b"lost")
        cursor = head(account.first)
        put_back()

        upload(account.second, at("other.txt"), b"other")
        upload(account.second, at("another.txt"), b"another")

        with pytest.raises(HistoryReplaced):
            account.first.changes(cursor)

    def test_what_is_no_cursor_is_an_invalid_request(self, account: Account) -> None:
        with pytest.raises(InvalidRequest):
            account.first.changes("yesterday")

    def test_an_unknown_node_is_not_found(self, account: Account) -> None:
        with pytest.raises(NotFound):
            account.first.current("00000000-0000-4000-8000-00000000ffff")

    def test_hints_begin_with_the_head_and_follow_each_commit(self, account: Account) -> None:
        hints = account.second.hints()
        first = next(hint for hint in hints if hint is not None)

        upload(account.first, at("a.txt"), b"a")

        second = next(hint for hint in hints if hint is not None)
        assert first != second
        assert second == head(account.first)

    def test_an_acknowledgement_is_taken(self, account: Account) -> None:
        node = upload(account.first, at("a.txt"), b"a")

        account.second.ack(head(account.second), missing=[node.id])


class WritingConformance:
    """Compare-and-swap, idempotency, positions."""

    def test_a_change_grows_the_version_by_one(self, account: Account) -> None:
        created = upload(account.first, at("a.txt"), b"one")

        changed = upload(account.second, at("a.txt"), b"two", over=created)

        assert (changed.id, changed.version) == (created.id, 2)

    def test_the_same_bytes_again_make_no_version(self, account: Account) -> None:
        created = upload(account.first, at("a.txt"), b"one")
        cursor = head(account.first)

        again = upload(account.second, at("a.txt"), b"one", over=created)

        assert again.version == created.version
        assert head(account.first) == cursor

    def test_an_upload_over_a_stale_version_changes_nothing(self, account: Account) -> None:
        created = upload(account.first, at("a.txt"), b"one")
        changed = upload(account.first, at("a.txt"), b"two", over=created)

        with pytest.raises(Conflict) as caught:
            upload(account.second, at("a.txt"), b"three", over=created)

        assert caught.value.code is ConflictCode.STALE
        assert caught.value.current == changed
        assert feed(account.second) == [changed]

    def test_a_name_is_taken_once(self, account: Account) -> None:
        created = upload(account.first, at("a.txt"), b"one")

        with pytest.raises(Conflict) as caught:
            upload(account.second, at("a.txt"), b"two")

        assert caught.value.code is ConflictCode.NAME_TAKEN
        assert caught.value.current == created

    def test_names_that_differ_in_case_are_two_names(self, account: Account) -> None:
        upload(account.first, at("a.txt"), b"small")
        upload(account.first, at("A.txt"), b"large")

        assert sorted(node.name for node in feed(account.second)) == ["A.txt", "a.txt"]

    @pytest.mark.parametrize(
        "name",
        [
            "",
            ".",
            "..",
            "a/b",
            "a\x00b",
            "a\nb",
            unicodedata.normalize("NFD", "각.txt"),
            "x" * 256,
            ".dreamsync",
            ".DreamSync",
        ],
    )
    def test_a_bad_name_is_refused(self, account: Account, name: str) -> None:
        with pytest.raises(InvalidRequest):
            make_folder(account.first, Position(None, name, name))

        assert feed(account.second) == []

    def test_a_lost_answer_is_given_again_without_a_second_effect(self, account: Account) -> None:
        put = file_put(at("a.txt"), b"one")
        first = account.first.upload(put, SentBytes(b"one"))
        cursor = head(account.first)

        again = account.first.upload(put, SentBytes(b"one"))

        assert again == first
        assert head(account.first) == cursor

    def test_a_lost_answer_is_given_again_after_others_moved_on(self, account: Account) -> None:
        node = upload(account.first, at("a.txt"), b"one")
        key = new_key()
        moved = account.first.move(node.id, at("b.txt"), base_version=1, key=key)
        account.second.delete(deletion_of(moved))

        assert account.first.move(node.id, at("b.txt"), base_version=1, key=key) == moved

    def test_a_key_is_for_one_request(self, account: Account) -> None:
        put = file_put(at("a.txt"), b"one")
        account.first.upload(put, SentBytes(b"one"))

        with pytest.raises(InvalidRequest):
            account.first.upload(replace(put, position=at("b.txt")), SentBytes(b"one"))

    def test_bytes_that_are_not_the_announced_ones_are_refused(self, account: Account) -> None:
        false_digest = replace(content_of(b"one"), digest="0" * 64)

        with pytest.raises(ContentMismatch):
            account.first.upload(
                file_put(at("a.txt"), b"one"), SentBytes(b"one", announced=false_digest)
            )

        assert feed(account.second) == []

    def test_a_single_upload_has_a_largest_size(self, account: Account) -> None:
        limit = account.first.status().capabilities.upload_limit
        assert limit is not None

        with pytest.raises(TooLarge):
            upload(account.first, at("large.bin"), bytes(limit + 1))

    def test_a_file_moves_and_keeps_its_content(self, account: Account) -> None:
        folder = make_folder(account.first, at("folder"))
        node = upload(account.first, at("a.txt"), b"one")

        moved = account.first.move(
            node.id, at("b.txt", folder), base_version=node.version, key=new_key()
        )

        assert (moved.id, moved.version, moved.file_name) == (node.id, 2, "folder/b.txt")
        assert download(account.second, moved) == b"one"

    def test_a_folder_cannot_move_below_itself(self, account: Account) -> None:
        outer = make_folder(account.first, at("outer"))
        inner = make_folder(account.first, at("inner", outer))

        with pytest.raises(Conflict) as caught:
            account.first.move(outer.id, at("outer", inner), base_version=1, key=new_key())

        assert caught.value.code is ConflictCode.CYCLE

    def test_a_stale_move_is_refused(self, account: Account) -> None:
        node = upload(account.first, at("a.txt"), b"one")
        account.second.move(node.id, at("b.txt"), base_version=1, key=new_key())

        with pytest.raises(Conflict) as caught:
            account.first.move(node.id, at("c.txt"), base_version=1, key=new_key())

        assert caught.value.code is ConflictCode.STALE
        assert caught.value.current is not None
        assert caught.value.current.name == "b.txt"

    def test_nothing_is_put_into_a_deleted_folder(self, account: Account) -> None:
        folder = make_folder(account.first, at("folder"))
        account.second.delete(deletion_of(folder))

        with pytest.raises(Conflict) as caught:
            upload(account.first, at("a.txt", folder), b"one")

        assert caught.value.code is ConflictCode.PARENT_DELETED

    def test_nothing_is_put_into_a_file(self, account: Account) -> None:
        file = upload(account.first, at("file"), b"one")

        with pytest.raises(Conflict) as caught:
            upload(account.first, at("a.txt", file), b"two")

        assert caught.value.code is ConflictCode.PARENT_DELETED

    def test_a_second_folder_of_a_name_is_told_of_the_first(self, account: Account) -> None:
        folder = make_folder(account.first, at("folder"))

        with pytest.raises(Conflict) as caught:
            make_folder(account.second, at("folder"))

        assert caught.value.code is ConflictCode.NAME_TAKEN
        assert caught.value.current == folder

    def test_the_executable_bit_changes_by_itself(self, account: Account) -> None:
        node = upload(account.first, at("run.sh"), b"#!/bin/sh\n")
        assert node.executable is None

        changed = account.first.set_executable(
            node.id, executable=True, base_version=node.version, key=new_key()
        )

        assert (changed.version, changed.executable) == (2, True)
        assert account.second.current(node.id) == changed

    def test_content_from_a_system_without_the_bit_keeps_it(self, account: Account) -> None:
        node = upload(account.first, at("run.sh"), b"one")
        node = account.first.set_executable(node.id, executable=True, base_version=1, key=new_key())

        changed = upload(account.second, at("run.sh"), b"two", over=node)

        assert changed.executable is True


class DeletingConformance:
    """Tombstones, revival, history, trash."""

    def test_a_tombstone_carries_the_person_s_answer(self, account: Account) -> None:
        node = upload(account.first, at("a.txt"), b"one")

        tombstone = account.first.delete(deletion_of(node, confirmed=True))

        assert (tombstone.id, tombstone.version) == (node.id, 2)
        assert tombstone.deleted
        assert tombstone.confirmed
        assert account.second.current(node.id) == tombstone

    def test_a_folder_is_deleted_only_when_it_is_empty(self, account: Account) -> None:
        folder = make_folder(account.first, at("folder"))
        upload(account.second, at("new.txt", folder), b"just added")

        with pytest.raises(Conflict) as caught:
            account.first.delete(deletion_of(folder))

        assert caught.value.code is ConflictCode.NOT_EMPTY

    def test_an_edit_is_not_deleted_by_a_stale_deletion(self, account: Account) -> None:
        node = upload(account.first, at("a.txt"), b"one")
        edited = upload(account.second, at("a.txt"), b"two", over=node)

        with pytest.raises(Conflict) as caught:
            account.first.delete(deletion_of(node))

        assert caught.value.current == edited

    def test_an_upload_over_a_tombstone_revives_the_same_node(self, account: Account) -> None:
        node = upload(account.first, at("a.txt"), b"one")
        tombstone = account.first.delete(deletion_of(node, confirmed=True))

        revived = upload(account.second, at("b.txt"), b"two", over=tombstone)

        assert (revived.id, revived.version, revived.name) == (node.id, 3, "b.txt")
        assert not revived.deleted
        assert not revived.confirmed

    def test_a_folder_is_revived_too(self, account: Account) -> None:
        folder = make_folder(account.first, at("folder"))
        tombstone = account.first.delete(deletion_of(folder))

        revived = account.second.create_folder(folder_put(at("folder"), over=tombstone))

        assert (revived.id, revived.deleted) == (folder.id, False)

    def test_a_deleted_name_is_free_for_another_node(self, account: Account) -> None:
        node = upload(account.first, at("a.txt"), b"one")
        tombstone = account.first.delete(deletion_of(node))

        other = upload(account.first, at("a.txt"), b"two")

        assert other.id != node.id
        with pytest.raises(Conflict) as caught:
            upload(account.second, at("a.txt"), b"three", over=tombstone)
        assert caught.value.code is ConflictCode.NAME_TAKEN

    def test_a_batch_of_deletions_spares_what_another_device_added(self, account: Account) -> None:
        folder = make_folder(account.first, at("folder"))
        old = upload(account.first, at("old.txt", folder), b"old")
        upload(account.second, at("new.txt", folder), b"new")

        results = account.first.delete_batch([deletion_of(old), deletion_of(folder)])

        assert isinstance(results[0], SyncFile)
        assert isinstance(results[1], Conflict)
        assert results[1].code is ConflictCode.NOT_EMPTY

    def test_history_is_kept_newest_first(self, account: Account) -> None:
        node = upload(account.first, at("a.txt"), b"one")
        node = upload(account.second, at("a.txt"), b"two", over=node)
        node = account.first.move(node.id, at("b.txt"), base_version=2, key=new_key())
        node = account.first.delete(deletion_of(node))

        kept = account.second.versions(node.id)

        assert [(version.version, version.change) for version in kept] == [
            (4, "deleted"),
            (3, "moved"),
            (2, "content"),
            (1, "created"),
        ]
        assert kept[3].digest == content_of(b"one").digest
        assert kept[3].available

    def test_a_kept_version_comes_back_as_the_newest(self, account: Account) -> None:
        first = upload(account.first, at("a.txt"), b"one")
        second = upload(account.first, at("a.txt"), b"two", over=first)

        restored = account.second.restore(first.id, version=1, base_version=2, key=new_key())

        assert restored.version == second.version + 1
        assert download(account.first, restored) == b"one"

    def test_a_deleted_file_comes_back_from_the_trash(self, account: Account) -> None:
        node = upload(account.first, at("a.txt"), b"one")
        tombstone = account.first.delete(deletion_of(node))
        assert list(account.second.trash()) == [tombstone]

        restored = account.second.restore(
            node.id, version=1, base_version=2, key=new_key(), position=at("back.txt")
        )

        assert restored.name == "back.txt"
        assert list(account.second.trash()) == []
        assert download(account.first, restored) == b"one"

    def test_a_version_that_never_was_cannot_come_back(self, account: Account) -> None:
        node = upload(account.first, at("a.txt"), b"one")

        with pytest.raises(NotFound):
            account.first.restore(node.id, version=9, base_version=1, key=new_key())


class BatchConformance:
    def test_each_item_has_its_own_result_and_all_are_one_commit(self, account: Account) -> None:
        taken = upload(account.first, at("taken.txt"), b"taken")
        puts = [
            (_described(file_put(at("a.txt"), b"a"), b"a"), b"a"),
            (_described(file_put(at("taken.txt"), b"b"), b"b"), b"b"),
            (folder_put(at("folder")), b""),
            (_described(file_put(at("empty"), b""), b""), b""),
        ]

        results = account.second.upload_batch(puts)

        assert isinstance(results[1], Conflict)
        assert results[1].current == taken
        made = [node for node in results if isinstance(node, SyncFile)]
        assert [(node.name, node.kind) for node in made] == [
            ("a.txt", Kind.FILE),
            ("folder", Kind.FOLDER),
            ("empty", Kind.FILE),
        ]
        assert download(account.first, made[0]) == b"a"

    def test_a_repeated_batch_has_no_second_effect(self, account: Account) -> None:
        puts = [(_described(file_put(at("a.txt"), b"a"), b"a"), b"a")]
        first = account.first.upload_batch(puts)
        cursor = head(account.first)

        assert account.first.upload_batch(puts) == first
        assert head(account.first) == cursor

    def test_contents_come_in_the_order_asked_for(self, account: Account) -> None:
        one = upload(account.first, at("1.txt"), b"one")
        two = upload(account.first, at("2.txt"), b"")
        gone = replace(one, id="00000000-0000-4000-8000-00000000ffff")

        results = account.second.download_batch([fetch_of(two), fetch_of(gone), fetch_of(one)])

        assert results[0] == b""
        assert isinstance(results[1], NotFound)
        assert results[2] == b"one"

    def test_what_goes_past_the_limit_is_asked_for_again(self, account: Account) -> None:
        limit = account.first.status().capabilities.batch_bytes
        content = bytes(limit // 2 + 1)
        nodes = [upload(account.first, at(name), content) for name in ("a", "b")]

        results = account.second.download_batch([fetch_of(node) for node in nodes])

        assert results[0] == content
        assert isinstance(results[1], TooLarge)


class SessionConformance:
    """Files above one block."""

    content = bytes(range(256)) * (BLOCK // 256) + b"the second block"

    def test_a_large_file_goes_in_blocks_and_arrives_whole(self, account: Account) -> None:
        put = _described(file_put(at("large.bin"), self.content), self.content)
        session = account.first.open_session(put)
        _send(account.first, session, self.content)

        node = account.first.complete_session(session.id, put)

        assert (node.version, node.digest) == (1, content_of(self.content).digest)
        assert download(account.second, node) == self.content
        assert account.first.complete_session(session.id, put) == node

    def test_an_interrupted_upload_knows_what_it_has(self, account: Account) -> None:
        put = _described(file_put(at("large.bin"), self.content), self.content)
        session = account.first.open_session(put)
        (first, second) = _blocks(self.content)
        _send_one(account.first, session, first, self.content)

        resumed = account.first.resume_session(session.id)

        assert resumed.received == {0: first.sha256}
        tickets = account.first.block_tickets(session.id, [first, second])
        assert tickets[0].url is None
        assert tickets[1].url is not None

    def test_completing_too_early_tells_what_is_missing(self, account: Account) -> None:
        put = _described(file_put(at("large.bin"), self.content), self.content)
        session = account.first.open_session(put)
        _send_one(account.first, session, _blocks(self.content)[0], self.content)

        with pytest.raises(Incomplete) as caught:
            account.first.complete_session(session.id, put)

        assert caught.value.missing == (1,)

    def test_storage_refuses_other_bytes_than_were_signed(self, account: Account) -> None:
        put = file_put(at("large.bin"), self.content)
        session = account.first.open_session(put)
        last = _blocks(self.content)[1]
        (ticket,) = account.first.block_tickets(session.id, [last])

        with pytest.raises(ContentMismatch):
            account.first.send_block(ticket, last, b"The second block")

    def test_an_unchanged_block_does_not_travel_again(self, account: Account) -> None:
        put = _described(file_put(at("large.bin"), self.content), self.content)
        session = account.first.open_session(put)
        _send(account.first, session, self.content)
        node = account.first.complete_session(session.id, put)
        changed = self.content[:BLOCK] + b"another end"

        put = _described(file_put(at("large.bin"), changed, over=node), changed)
        session = account.second.open_session(put)
        tickets = account.second.block_tickets(session.id, _blocks(changed))

        assert [ticket.url is None for ticket in tickets] == [True, False]
        _send_one(account.second, session, _blocks(changed)[1], changed)
        assert account.second.complete_session(session.id, put).version == 2

    def test_the_blocks_of_a_large_file_are_told(self, account: Account) -> None:
        put = _described(file_put(at("large.bin"), self.content), self.content)
        session = account.first.open_session(put)
        _send(account.first, session, self.content)
        node = account.first.complete_session(session.id, put)

        blocks = account.second.blocks(fetch_of(node))

        assert blocks.block_size == BLOCK
        assert list(blocks.sha256) == [block.sha256 for block in _blocks(self.content)]

    def test_an_abandoned_upload_is_gone(self, account: Account) -> None:
        session = account.first.open_session(file_put(at("large.bin"), self.content))

        account.first.abandon_session(session.id)

        with pytest.raises(NotFound):
            account.first.resume_session(session.id)


class RemoteConformance(
    ReadingConformance,
    WritingConformance,
    DeletingConformance,
    BatchConformance,
    SessionConformance,
):
    """All stories."""


def _described(put: Put, content: bytes) -> Put:
    return replace(put, content=content_of(content))


def _blocks(content: bytes) -> list[Block]:
    size = block_size(len(content))
    pieces = [content[start : start + size] for start in range(0, len(content), size)]
    return [
        Block(index, hashlib.sha256(piece).hexdigest(), len(piece))
        for index, piece in enumerate(pieces)
    ]


def _send(remote: Remote, session: UploadSession, content: bytes) -> None:
    for block in _blocks(content):
        _send_one(remote, session, block, content)


def _send_one(remote: Remote, session: UploadSession, block: Block, content: bytes) -> None:
    (ticket,) = remote.block_tickets(session.id, [block])
    start = block.index * session.block_size
    remote.send_block(ticket, block, content[start : start + block.size])
