"""Push streams: a hint after each commit, and an end when the device may no longer listen."""

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest

from tests.server.http.client import Device, problem
from tests.server.http.conftest import Server


@contextmanager
def listening(device: Device) -> Iterator[Iterator[str]]:
    """The stream's lines; reading fails after ten seconds of silence."""
    with device.http.stream("GET", "/sync/events", timeout=10) as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        yield answer.iter_lines()


def next_cursor(lines: Iterator[str]) -> str:
    for line in lines:
        if line.startswith("data: "):
            return str(json.loads(line.removeprefix("data: "))["cursor"])
    raise AssertionError("the stream ended")


def rest_of(lines: Iterator[str]) -> list[str]:
    """All lines up to the stream's end."""
    return list(lines)


def test_the_cursor_is_told_at_once_and_after_each_commit(laptop: Device, phone: Device) -> None:
    with listening(phone) as lines:
        assert next_cursor(lines) == phone.cursor()
        laptop.put("note.txt")
        assert next_cursor(lines) == phone.cursor()


@pytest.mark.security(9)
def test_one_hears_nothing_of_other_spaces(laptop: Device, stranger: Device) -> None:
    with listening(laptop) as lines:
        first = next_cursor(lines)
        stranger.put("theirs.txt")
        laptop.put("mine.txt")
        assert next_cursor(lines) == laptop.cursor() != first


def test_an_idle_stream_stays_alive_by_comments(laptop: Device) -> None:
    with listening(laptop) as lines:
        next_cursor(lines)
        assert any(line.startswith(":") for line in lines)


@pytest.mark.security(5)
def test_revocation_ends_the_stream(laptop: Device, phone: Device) -> None:
    with listening(phone) as lines:
        next_cursor(lines)
        laptop.http.delete("/auth/devices/phone")
        assert not any(line.startswith("data:") for line in rest_of(lines))
    problem(phone.http.get("/sync/events"), 401, "deviceRevoked")


def test_revoking_one_device_leaves_the_others_listening(laptop: Device, phone: Device) -> None:
    with listening(laptop) as lines:
        next_cursor(lines)
        laptop.http.delete("/auth/devices/phone")
        laptop.put("note.txt")
        assert next_cursor(lines) == laptop.cursor()


@pytest.mark.security(5)
def test_signing_out_ends_the_stream(laptop: Device) -> None:
    with listening(laptop) as lines:
        next_cursor(lines)
        laptop.http.post("/auth/logout", json={"refreshToken": laptop.refresh_token})
        rest_of(lines)


@pytest.mark.security(5)
def test_the_stream_ends_when_its_token_expires(server: Server, laptop: Device) -> None:
    with server.clock.ahead(898), listening(laptop) as lines:
        rest_of(lines)


def test_closed_streams_are_forgotten(server: Server, laptop: Device) -> None:
    hub = server.opened.backend.hub
    with listening(laptop) as lines:
        next_cursor(lines)
        assert hub.open_streams >= 1
    with listening(laptop) as lines:
        while hub.open_streams > 1:
            next(lines)


def test_many_streams_hear_the_same(laptop: Device, phone: Device) -> None:
    with ExitStack() as streams:
        opened = [streams.enter_context(listening(phone)) for _ in range(50)]
        for lines in opened:
            next_cursor(lines)

        laptop.put("note.txt")

        assert {next_cursor(lines) for lines in opened} == {laptop.cursor()}
