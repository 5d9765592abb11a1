"""The REST client against a plain server: what it makes up for, and how far that goes."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from dreamsync.core.nodes import Kind
from dreamsync.remotes.errors import (
    Conflict,
    ConflictCode,
    ContentMismatch,
    InvalidRequest,
    Refused,
    SignedOut,
)
from dreamsync.remotes.protocol import Capabilities, Position
from dreamsync.remotes.rest import Connection, RestRemote
from dreamsync.remotes.rest.session import login
from tests.remotes.accounts import (
    at,
    deletion_of,
    download,
    feed,
    fetch_of,
    make_folder,
    new_key,
    upload,
)
from tests.remotes.token_stores import MemoryTokenStore
from tests.support.plain_server import EMAIL, PASSWORD, PlainServer, running_plain_server


@dataclass(slots=True)
class Plain:
    server: PlainServer
    first: RestRemote
    second: RestRemote


@pytest.fixture(scope="module")
def server() -> Iterator[PlainServer]:
    with running_plain_server() as running:
        yield running


@pytest.fixture
def plain(server: PlainServer) -> Iterator[Plain]:
    server.rows.clear()
    server.contents.clear()
    first, second = device(server, "first"), device(server, "second")
    yield Plain(server, first, second)
    first.close()
    second.close()


def device(server: PlainServer, device_id: str) -> RestRemote:
    connection = Connection(server.url)
    session = login(
        connection, email=EMAIL, password=PASSWORD, device_id=device_id, device_name=device_id
    )
    return RestRemote(connection, MemoryTokenStore(session.tokens), device_id=device_id)


def make_older(server: PlainServer) -> None:
    """As if what is there had come a minute ago: two changes in one millisecond look the same."""
    minute_ago = datetime.now(UTC) - timedelta(minutes=1)
    for row in server.rows.values():
        row["updatedAt"] = minute_ago.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def below(path: str) -> Position:
    parent, _, name = path.rpartition("/")
    return Position(f"folder:{parent}" if parent else None, name, path)


def test_a_plain_server_is_recognised_and_offers_the_least(plain: Plain) -> None:
    status = plain.first.status()

    assert status.capabilities == Capabilities()
    assert plain.first.capabilities == Capabilities()
    assert status.server_time is not None


def test_a_wrong_password_is_told_as_such(plain: Plain) -> None:
    with pytest.raises(SignedOut):
        login(
            Connection(plain.server.url),
            email=EMAIL,
            password="wrong",
            device_id="d",
            device_name="d",
        )


def test_an_upload_reaches_the_other_device(plain: Plain) -> None:
    sent = upload(plain.first, at("사진.jpg"), b"pixels")

    assert feed(plain.second) == [sent]
    assert sent.version > 0
    assert download(plain.second, sent) == b"pixels"


def test_folders_are_made_of_the_paths(plain: Plain) -> None:
    upload(plain.first, below("a/b/one.txt"), b"1")
    upload(plain.first, below("a/two.txt"), b"2")

    listed = feed(plain.second)

    assert [
        (node.id, node.parent_id, node.kind) for node in listed if node.kind is Kind.FOLDER
    ] == [
        ("folder:a", None, Kind.FOLDER),
        ("folder:a/b", "folder:a", Kind.FOLDER),
    ]
    files = {node.file_name: node.parent_id for node in listed if node.kind is Kind.FILE}
    assert files == {"a/b/one.txt": "folder:a/b", "a/two.txt": "folder:a"}
    assert len({node.id for node in listed}) == len(listed)


def test_a_made_folder_is_the_one_that_the_paths_will_imply(plain: Plain) -> None:
    folder = make_folder(plain.first, at("a"))
    upload(plain.first, below("a/one.txt"), b"1")

    assert feed(plain.second)[0] == folder


def test_the_feed_overlaps_so_that_late_rows_are_not_missed(plain: Plain) -> None:
    upload(plain.first, at("a.txt"), b"a")
    cursor = plain.second.changes(None).cursor
    late = upload(plain.first, at("late.txt"), b"late")
    plain.server.rows[late.id]["updatedAt"] = plain.server.rows[late.id]["createdAt"]

    assert "late.txt" in [node.name for node in feed(plain.second, cursor)]


def test_an_old_cursor_never_goes_back(plain: Plain) -> None:
    upload(plain.first, at("a.txt"), b"a")
    cursor = plain.second.changes(None).cursor

    assert plain.second.changes(cursor).cursor == cursor
    assert cursor


def test_only_a_tombstone_is_a_deletion(plain: Plain) -> None:
    node = upload(plain.first, at("a.txt"), b"a")
    cursor = plain.second.changes(None).cursor
    plain.first.delete(deletion_of(node))

    (told,) = feed(plain.second, cursor)

    assert (told.id, told.deleted) == (node.id, True)
    assert feed(plain.second) == []


def test_an_upload_over_a_change_of_another_device_is_a_conflict(plain: Plain) -> None:
    upload(plain.first, at("a.txt"), b"one")
    make_older(plain.server)
    page = plain.second.changes(None)
    node = page.files[0]
    plain.second.use_cursor(page.cursor)
    upload(plain.first, at("a.txt"), b"two", over=node)

    with pytest.raises(Conflict) as caught:
        upload(plain.second, at("a.txt"), b"three", over=node)

    assert caught.value.code is ConflictCode.STALE
    assert download(plain.first, feed(plain.first)[0]) == b"two"


def test_a_name_that_another_device_took_is_a_conflict(plain: Plain) -> None:
    plain.second.use_cursor(plain.second.changes(None).cursor)
    upload(plain.first, at("a.txt"), b"one")

    with pytest.raises(Conflict) as caught:
        upload(plain.second, at("a.txt"), b"two")

    assert caught.value.code is ConflictCode.NAME_TAKEN


def test_a_deletion_of_what_another_device_edited_is_a_conflict(plain: Plain) -> None:
    upload(plain.first, at("a.txt"), b"one")
    make_older(plain.server)
    (node,) = feed(plain.first)
    upload(plain.second, at("a.txt"), b"two", over=node)

    with pytest.raises(Conflict):
        plain.first.delete(deletion_of(node))


def test_content_that_changed_since_it_was_announced_is_not_taken_for_it(plain: Plain) -> None:
    node = upload(plain.first, at("a.txt"), b"one")
    upload(plain.second, at("a.txt"), b"two", over=node)

    with pytest.raises(ContentMismatch):
        download(plain.first, node)


def test_a_download_resumes_although_storage_knows_no_ranges(plain: Plain) -> None:
    node = upload(plain.first, at("a.bin"), bytes(range(200)))

    from_150 = b"".join(plain.second.download(fetch_of(node), offset=150))

    assert from_150 == bytes(range(150, 200))


def test_a_deleted_folder_sends_nothing(plain: Plain) -> None:
    folder = make_folder(plain.first, at("a"))

    assert plain.first.delete(deletion_of(folder)).deleted


def test_moves_and_all_that_is_not_offered_are_refused(plain: Plain) -> None:
    node = upload(plain.first, at("a.txt"), b"a")

    with pytest.raises(Refused):
        plain.first.move(node.id, at("b.txt"), base_version=node.version, key=new_key())
    with pytest.raises(InvalidRequest):
        plain.first.versions(node.id)


def test_the_node_as_it_is_now_is_found(plain: Plain) -> None:
    node = upload(plain.first, at("a.txt"), b"a")

    assert plain.second.current(node.id) == node
