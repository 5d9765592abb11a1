"""Batches of small files, and the sessions of large ones."""

import hashlib
from dataclasses import replace

import pytest

from dreamsync.core.digest import BLOCK, block_size
from dreamsync.core.nodes import Kind
from dreamsync.remotes.errors import (
    Conflict,
    ContentMismatch,
    Incomplete,
    NotFound,
    TooLarge,
)
from dreamsync.remotes.protocol import Block, Put, Remote, UploadSession
from dreamsync.wire.sync_file import SyncFile
from tests.remotes.accounts import (
    Account,
    at,
    content_of,
    download,
    fetch_of,
    file_put,
    folder_put,
    head,
    upload,
)


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

    @pytest.mark.fault("duplicate")
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
