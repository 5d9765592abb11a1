"""Tombstones, revival, history and trash."""

import pytest

from dreamsync.remotes.errors import (
    Conflict,
    ConflictCode,
    NotFound,
)
from dreamsync.wire.sync_file import SyncFile
from tests.remotes.accounts import (
    Account,
    at,
    content_of,
    deletion_of,
    download,
    folder_put,
    make_folder,
    new_key,
    upload,
)


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

    @pytest.mark.fault("edit and edit")
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

    def test_history_tells_who_had_it_where_of_a_folder_too(self, account: Account) -> None:
        above = make_folder(account.first, at("above"))
        folder = make_folder(account.first, at("folder", above))
        moved = account.second.move(folder.id, at("moved"), base_version=1, key=new_key())

        kept = account.first.versions(folder.id)

        assert folder.device_id != moved.device_id
        assert [(one.version, one.device_id, one.parent_id, one.name) for one in kept] == [
            (2, moved.device_id, None, "moved"),
            (1, folder.device_id, above.id, "folder"),
        ]

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
