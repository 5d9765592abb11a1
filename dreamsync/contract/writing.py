"""Compare-and-swap, names, moves, deletions, and repeated requests."""

import unicodedata

from dreamsync.contract.bench import Bench, new_key, sha256
from dreamsync.contract.reading import cursor_now, foreign_cursor
from dreamsync.contract.verdicts import expect
from dreamsync.message import N_
from dreamsync.wire.problems import ProblemCode
from dreamsync.wire.sync_file import SyncFile


def a_change_grows_the_version(bench: Bench) -> None:
    bench.need_full()
    file = bench.put(bench.path("version.txt"), b"one")
    expect(file.version == 1, N_("a new file has version {version}", version=file.version))
    changed = bench.change(file, b"two")
    expect(changed.id == file.id, N_("a change makes another node"))
    expect(
        changed.version == 2, N_("its first change has version {version}", version=changed.version)
    )


def a_stale_upload_has_no_effect(bench: Bench) -> None:
    bench.need_full()
    file = bench.change(bench.put(bench.path("stale.txt"), b"one"), b"two")
    sent = bench.send({"fileName": file.file_name}, b"three", baseVersion="1")
    refused = bench.refused(sent, 409, ProblemCode.STALE)
    expect(refused.current and refused.current.version == 2, N_("409 without the current node"))
    expect(bench.now(file).digest == sha256(b"two"), N_("a refused upload has changed the file"))


def a_new_file_overwrites_none(bench: Bench) -> None:
    bench.need_full()
    file = bench.put(bench.path("taken.txt"), b"one")
    sent = bench.send({"fileName": file.file_name}, b"two", baseVersion="0")
    refused = bench.refused(sent, 409, ProblemCode.NAME_TAKEN)
    expect(refused.current and refused.current.id == file.id, N_("409 without the node in the way"))
    expect(bench.now(file).version == 1, N_("a refused upload has changed the file"))


def other_bytes_than_announced_have_no_effect(bench: Bench) -> None:
    bench.need_full()
    wrong = {
        "digest": ("0" * 64, ProblemCode.DIGEST_MISMATCH),
        "checksum": ("0" * 32, ProblemCode.CHECKSUM_MISMATCH),
    }
    for name, (value, code) in wrong.items():
        path = bench.path(f"wrong {name}.txt")
        sent = bench.send({"fileName": path}, b"bytes", baseVersion="0", **{name: value})
        bench.refused(sent, 422, code)
        there = [one for one in bench.news() if one.file_name == path]
        expect(not there, N_("a file with a wrong {name} was stored", name=name))


def a_repeated_request_has_one_effect(bench: Bench) -> None:
    bench.need_full()
    path, key = bench.path("again.txt"), new_key()
    first = bench.file(bench.send({"fileName": path}, b"one", key=key, baseVersion="0"), 201)
    again = bench.file(bench.send({"fileName": path}, b"one", key=key, baseVersion="0"), 201)
    expect(again == first, N_("the same key and request are answered in another way"))
    expect(bench.now(first).version == 1, N_("the same request had a second effect"))


def a_key_is_for_one_request(bench: Bench) -> None:
    bench.need_full()
    key = new_key()
    path = bench.path("key.txt")
    bench.file(bench.send({"fileName": path}, b"one", key=key, baseVersion="0"), 201)
    other = {"fileName": bench.path("other.txt")}
    sent = bench.send(other, b"two", key=key, baseVersion="0")
    bench.refused(sent, 422, ProblemCode.IDEMPOTENCY_REUSE)


def a_mutation_needs_a_key(bench: Bench) -> None:
    bench.need_full()
    file = bench.put(bench.path("no key.txt"))
    answer = bench.ask("DELETE", f"sync/files/{file.id}", params={"baseVersion": "1"})
    bench.refused(answer, 400, ProblemCode.INVALID_REQUEST)


def a_mutation_of_a_lost_history_has_no_effect(bench: Bench) -> None:
    bench.need_full()
    path = bench.path("lost.txt")
    foreign = foreign_cursor(cursor_now(bench))
    sent = bench.send({"fileName": path}, b"one", cursor=foreign, baseVersion="0")
    bench.refused(sent, 410, ProblemCode.HISTORY_REPLACED)
    there = [one for one in bench.news() if one.file_name == path]
    expect(not there, N_("a mutation with an unknown Sync-Cursor was carried out"))


def bad_names_are_refused(bench: Bench) -> None:
    bench.need_full()
    decomposed = unicodedata.normalize("NFD", "한글.txt")
    for name in (decomposed, ".dreamsync", "line\nbreak", "x" * 256):
        sent = bench.send({"fileName": f"{bench.folder}/{name}"}, b"x", baseVersion="0")
        bench.refused(sent, 400, ProblemCode.INVALID_NAME)


def names_are_compared_exactly(bench: Bench) -> None:
    bench.need_full()
    folder = bench.path("case")
    small, large = bench.put(f"{folder}/name.txt"), bench.put(f"{folder}/NAME.txt")
    expect(small.id != large.id, N_("names that differ in case are one file"))


def names_of_one_system_only_are_fine(bench: Bench) -> None:
    bench.need_full()
    folder = bench.path("names")
    for name in ("13:01:32.mov", "CON", "trailing."):
        bench.put(f"{folder}/{name}")


def uploads_make_missing_folders(bench: Bench) -> None:
    bench.need("parents")
    path = bench.path("a")
    file = bench.put(f"{path}/b/c.txt")
    told = {one.file_name: one for one in bench.news()}
    expect({path, f"{path}/b"} <= set(told), N_("the folders of a new file are not told of"))
    expect(file.parent_id == told[f"{path}/b"].id, N_("parentId is not its folder's id"))


def an_mtime_keeps_every_digit(bench: Bench) -> None:
    bench.need_full()
    moment = "2020-02-29T23:59:59.123456789Z"
    file = bench.put(bench.path("mtime.txt"), modifiedAt=moment)
    expect(bench.now(file).modified_ns == 1583020799123456789, N_("modifiedAt has lost digits"))


def a_rename_keeps_the_node(bench: Bench) -> None:
    bench.need("patch")
    file = bench.put(bench.path("old name.txt"), b"kept")
    moved = bench.file(bench.move(file, bench.path("new name.txt")), 200)
    expect(moved.id == file.id, N_("a rename makes another node"))
    expect(moved.digest == file.digest, N_("a rename changes the content"))
    expect(moved.version == file.version + 1, N_("a rename does not grow the version by one"))


def a_stale_move_has_no_effect(bench: Bench) -> None:
    bench.need("patch")
    file = bench.change(bench.put(bench.path("stay.txt"), b"one"), b"two")
    bench.refused(bench.move(file, bench.path("moved.txt"), base_version=1), 409, ProblemCode.STALE)
    expect(bench.now(file).file_name == file.file_name, N_("a refused move has moved the file"))


def a_folder_moves_as_one_entry(bench: Bench) -> None:
    bench.need("patch")
    path = bench.path("folder")
    file = bench.put(f"{path}/inside.txt")
    folder = bench.at(path)
    cursor = cursor_now(bench)
    bench.file(bench.move(folder, bench.path("moved folder")), 200)
    told = [one.id for one in bench.news(cursor)]
    expect(told == [folder.id], N_("the move of a folder is {n} entries of the feed", n=len(told)))
    expect(_there(bench, file).version == file.version, N_("what is in a moved folder has changed"))


def a_folder_cannot_move_below_itself(bench: Bench) -> None:
    bench.need("patch")
    folder = _folder(bench, "cycle")
    answer = bench.move(folder, f"{folder.file_name}/below")
    bench.refused(answer, 409, ProblemCode.CYCLE)


def the_executable_bit_changes_by_itself(bench: Bench) -> None:
    bench.need("patch")
    file = bench.put(bench.path("script.sh"), executable="false")
    body = {"executable": True, "baseVersion": file.version}
    changed = bench.file(bench.mutate("PATCH", f"sync/files/{file.id}", body), 200)
    expect(changed.executable is True, N_("the executable bit is not told"))
    expect(changed.digest == file.digest, N_("the bit has changed the content"))


def folders_are_nodes(bench: Bench) -> None:
    bench.need("folders")
    folder = _folder(bench, "folder")
    again = bench.mutate("POST", "sync/folders", {"fileName": folder.file_name})
    refused = bench.refused(again, 409, ProblemCode.NAME_TAKEN)
    expect(refused.current and refused.current.id == folder.id, N_("409 without the folder itself"))


def only_an_empty_folder_is_deleted(bench: Bench) -> None:
    bench.need("folders")
    folder = _folder(bench, "full")
    bench.put(f"{folder.file_name}/inside.txt")
    bench.refused(bench.delete(folder), 409, ProblemCode.NOT_EMPTY)


def nothing_goes_into_a_deleted_folder(bench: Bench) -> None:
    bench.need("folders")
    folder = _folder(bench, "gone")
    bench.file(bench.delete(folder), 200)
    place = {"parentId": folder.id, "name": "late.txt"}
    bench.refused(bench.send(place, b"x", baseVersion="0"), 409, ProblemCode.PARENT_DELETED)


def a_stale_deletion_has_no_effect(bench: Bench) -> None:
    bench.need_full()
    file = bench.change(bench.put(bench.path("edited.txt"), b"one"), b"two")
    bench.refused(bench.delete(file, base_version=1), 409, ProblemCode.STALE)
    expect(not bench.now(file).deleted, N_("an edited file was deleted by a stale deletion"))


def an_upload_over_a_tombstone_revives(bench: Bench) -> None:
    bench.need_full()
    file = bench.put(bench.path("revived.txt"), b"one")
    tombstone = bench.file(bench.delete(file), 200)
    expect(tombstone.deleted, N_("the answer to a deletion is no tombstone"))
    back = bench.file(
        bench.send(
            {"fileName": file.file_name, "fileId": file.id},
            b"two",
            baseVersion=str(tombstone.version),
        )
    )
    expect(back.id == file.id, N_("an upload over a tombstone's version makes another node"))
    expect(not back.deleted, N_("a revived file has a deletedAt"))


def _folder(bench: Bench, name: str) -> SyncFile:
    return bench.make_folder(bench.path(name))


def _there(bench: Bench, file: SyncFile) -> SyncFile:
    return bench.file(bench.ask("GET", f"sync/files/{file.id}"), 200)
