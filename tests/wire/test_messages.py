"""Messages survive the way over JSON, and whatever does not fit is refused."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dreamsync.core.nodes import Kind
from dreamsync.wire.batch import DeleteItem, DownloadItem, DownloadResult, ItemResult, UploadItem
from dreamsync.wire.fields import WireError
from dreamsync.wire.messages import (
    CapabilitiesMessage,
    Device,
    DownloadTicket,
    FilesPage,
    JoinCodeMessage,
    Listing,
    StatusMessage,
    TokensMessage,
    VersionMessage,
)
from dreamsync.wire.place import Place
from dreamsync.wire.problems import Problem, ProblemCode
from dreamsync.wire.sync_file import SyncFile
from dreamsync.wire.uploads import (
    BlockListMessage,
    BlockMessage,
    CompleteUpload,
    OpenUpload,
    TicketMessage,
    UploadMessage,
)

WHEN = datetime(2026, 1, 2, 3, 4, 5, 678000, UTC)
NODE = SyncFile(
    id="n",
    name="사진.jpg",
    file_name="폴더/사진.jpg",
    kind=Kind.FILE,
    version=3,
    parent_id="p",
    file_size=5,
    mime_type="image/jpeg",
    checksum="c" * 32,
    digest="d" * 64,
    device_id="device",
    created_at=WHEN,
    updated_at=WHEN,
    executable=True,
    deleted_at=WHEN,
    confirmed=True,
)
CAPABILITIES = CapabilitiesMessage(
    digest=True,
    parents=True,
    batch_items=500,
    batch_bytes=4_194_304,
    upload_block_size=8_388_608,
    retention_days=30,
    storage_hosts=("127.0.0.1:8737",),
)
PROBLEM = Problem(409, ProblemCode.NAME_TAKEN, "Conflict", "there is one", NODE)
PARENT_PLACE = Place(parent_id="p", name="a.txt")
PATH_PLACE = Place(file_name="a/b.txt")

MESSAGES: list[tuple[Any, Callable[[object], object]]] = [
    (NODE, SyncFile.parse),
    (CAPABILITIES, CapabilitiesMessage.parse),
    (
        StatusMessage("1.c", WHEN, "space", "Home", 5, 100, CAPABILITIES),
        StatusMessage.parse,
    ),
    (FilesPage((NODE,), "1.c", has_more=True), FilesPage.parse),
    (TokensMessage("access", "refresh", 900, "account", "a@example.org"), TokensMessage.parse),
    (Device("d", "Laptop", WHEN, None, current=True), Device.parse),
    (JoinCodeMessage("token", WHEN), JoinCodeMessage.parse),
    (DownloadTicket("https://h/x", WHEN, "c", "d", 5, 3), DownloadTicket.parse),
    (
        VersionMessage(1, "created", "a", None, 5, "c", "d", 7, WHEN, "d", "Laptop", True),
        VersionMessage.parse,
    ),
    (Listing(("a", "b"), "next"), Listing.parse),
    (PROBLEM, Problem.parse),
    (Problem(409, ProblemCode.INCOMPLETE, missing=(0, 4)), Problem.parse),
    (OpenUpload(PARENT_PLACE, 9_000_000, "n", 2, 5, executable=False), OpenUpload.parse),
    (BlockMessage(3, "5" * 64, 8_388_608), BlockMessage.parse),
    (UploadMessage("u", 8_388_608, WHEN, 9_000_000, ((0, "5" * 64),)), UploadMessage.parse),
    (TicketMessage(1), TicketMessage.parse),
    (TicketMessage(1, "https://h/x", (("x-amz-sha", "5"),), WHEN), TicketMessage.parse),
    (CompleteUpload("d" * 64, None, 9_000_000, 5), CompleteUpload.parse),
    (BlockListMessage(8_388_608, ("5" * 64,), 5, "d"), BlockListMessage.parse),
    (
        UploadItem("k", Kind.FILE, PARENT_PLACE, "n", 1, 5, "c", "d", 7, executable=True),
        UploadItem.parse,
    ),
    (UploadItem("k", Kind.FOLDER, PATH_PLACE), UploadItem.parse),
    (DeleteItem("k", "n", 1, confirmed=True), DeleteItem.parse),
    (DownloadItem("n", 4), DownloadItem.parse),
    (ItemResult(201, NODE), ItemResult.parse),
    (ItemResult(409, problem=PROBLEM), ItemResult.parse),
    (DownloadResult(200, "n", 4, 5, "c", "d"), DownloadResult.parse),
    (DownloadResult(404, problem=Problem(404, "notFound")), DownloadResult.parse),
]

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)


@pytest.mark.parametrize(("message", "parse"), MESSAGES)
def test_a_message_survives_the_way_over_json(
    message: Any, parse: Callable[[object], object]
) -> None:
    assert parse(json.loads(json.dumps(message.to_json()))) == message


@pytest.mark.parametrize(("message", "parse"), MESSAGES)
@settings(max_examples=25)
@given(data=st.data())
def test_a_damaged_message_is_parsed_or_refused_but_never_half_filled(
    message: Any, parse: Callable[[object], object], data: st.DataObject
) -> None:
    told = dict(message.to_json())
    told[data.draw(st.sampled_from(sorted(told)))] = data.draw(json_values)

    try:
        parse(told)
    except WireError:
        return


@settings(max_examples=25)
@given(value=json_values)
@pytest.mark.parametrize("parse", [parse for _, parse in MESSAGES])
def test_no_json_value_makes_a_parser_fail_in_another_way(
    parse: Callable[[object], object], value: object
) -> None:
    try:
        parse(value)
    except WireError:
        return


def test_secrets_are_left_out_of_what_is_printed() -> None:
    printed = repr(
        [
            TokensMessage("secret", "secret", 900),
            JoinCodeMessage("secret", None),
            DownloadTicket("https://h/secret", None, None, None, None, 1),
            TicketMessage(1, "https://h/secret", (("x-signature", "secret"),)),
        ]
    )

    assert "secret" not in printed


def test_a_status_without_capabilities_is_a_plain_server_s() -> None:
    assert StatusMessage.parse({"serverTime": "2026-01-01T00:00:00Z"}).capabilities is None


def test_unknown_capabilities_are_ignored() -> None:
    assert CapabilitiesMessage.parse({"teleport": True}) == CapabilitiesMessage()


@pytest.mark.parametrize(
    ("told", "place"),
    [
        ({"fileName": "a/b"}, Place(file_name="a/b")),
        ({"parentId": "p", "name": "b"}, Place(parent_id="p", name="b")),
        ({"parentId": None, "name": "b"}, Place(name="b")),
        ({"parentId": "", "name": "b"}, Place(name="b")),
        ({}, Place()),
    ],
)
def test_a_place_is_told_in_two_ways(told: dict[str, object], place: Place) -> None:
    item = UploadItem.parse({"key": "k", **told})

    assert item.place == place
    assert item.place.given == bool(told)
