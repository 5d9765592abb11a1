"""Compare-and-swap, idempotency and positions."""

import unicodedata
from dataclasses import replace

import pytest

from dreamsync.remotes.errors import (
    Conflict,
    ConflictCode,
    ContentMismatch,
    InvalidRequest,
    TooLarge,
)
from dreamsync.remotes.protocol import Position
from tests.remotes.accounts import (
    Account,
    SentBytes,
    at,
    content_of,
    deletion_of,
    download,
    feed,
    file_put,
    head,
    make_folder,
    new_key,
    upload,
)


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

    @pytest.mark.fault("stale")
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

    @pytest.mark.fault("answer lost")
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

    @pytest.mark.fault("move and move")
    def test_a_folder_cannot_move_below_itself(self, account: Account) -> None:
        outer = make_folder(account.first, at("outer"))
        inner = make_folder(account.first, at("inner", outer))

        with pytest.raises(Conflict) as caught:
            account.first.move(outer.id, at("outer", inner), base_version=1, key=new_key())

        assert caught.value.code is ConflictCode.CYCLE

    @pytest.mark.fault("stale")
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
