"""Status, feed, cursors and contents."""

import threading
from contextlib import suppress

import pytest

from dreamsync.core.nodes import Content
from dreamsync.remotes.errors import (
    CursorExpired,
    HistoryReplaced,
    InvalidRequest,
    NotFound,
    Unreachable,
)
from tests.remotes.accounts import (
    Account,
    at,
    content_of,
    deletion_of,
    download,
    feed,
    fetch_of,
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

    def test_a_part_can_be_downloaded_alone(self, account: Account) -> None:
        content = bytes(range(256)) * 1000
        sent = upload(account.first, at("a.bin"), content)

        part = b"".join(account.second.download(fetch_of(sent), offset=1000, end=200_000))

        assert part == content[1000:200_000]

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

    def test_a_restored_server_knows_no_cursor_from_before(self, account: Account) -> None:
        """Who stood there may have been told of later states in answers to what it sent."""
        kept = upload(account.first, at("kept.txt"), b"kept")
        cursor = head(account.first)
        put_back = account.backup()
        upload(account.second, at("kept.txt"), b"lost", over=kept)

        put_back()

        with pytest.raises(HistoryReplaced):
            account.first.changes(cursor)
        listed = account.first.changes(None)
        assert [(file.id, file.version) for file in listed.files] == [(kept.id, 1)]
        assert account.first.changes(listed.cursor).files == ()

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

    def test_streams_of_hints_are_ended_from_another_thread_and_new_ones_follow(
        self, account: Account
    ) -> None:
        hints = account.second.hints()
        next(hint for hint in hints if hint is not None)

        def listen() -> None:
            with suppress(Unreachable):
                for _ in hints:
                    pass

        listening = threading.Thread(target=listen)
        listening.start()
        account.second.end_hints()
        listening.join(30)

        assert not listening.is_alive()
        assert next(hint for hint in account.second.hints() if hint is not None)

    def test_an_acknowledgement_is_taken(self, account: Account) -> None:
        node = upload(account.first, at("a.txt"), b"a")

        account.second.ack(head(account.second), missing=[node.id])
