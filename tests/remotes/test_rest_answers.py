"""The REST client and answers that are wrong, broken off, or no sync server's at all."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from dreamsync.remotes.errors import (
    Conflict,
    ConflictCode,
    ContentMismatch,
    InvalidRequest,
    NotFound,
    NotTheContract,
    QuotaExceeded,
    RemoteError,
    ServerTrouble,
    Throttled,
    TooLarge,
    Unreachable,
)
from dreamsync.remotes.rest import Connection, RestRemote
from tests.remotes.accounts import SentBytes, at, file_put
from tests.remotes.faulty_remote import LOGIN_PAGE, STATUS, TOKENS, after_status, remote_to
from tests.remotes.faulty_server import (
    answer,
    faulty_server,
    json_answer,
    problem_answer,
)
from tests.remotes.token_stores import MemoryTokenStore


class TestAnswersThatAreNotTheContracts:
    @pytest.mark.promise(12)
    @pytest.mark.fault("captive portal")
    @pytest.mark.parametrize(
        "reply",
        [
            LOGIN_PAGE,
            answer(200, b""),
            answer(200, b"null"),
            answer(200, b"[" * 100_000),
            answer(200, b"\xff\xfe"),
            answer(204),
            answer(302, headers={"Location": "http://127.0.0.1:1/"}),
            answer(404, b"<html>no such page</html>"),
            answer(401, b"<html>sign in to the proxy</html>"),
            json_answer({"status": 410, "code": "somethingElse"}, 410),
        ],
    )
    @pytest.mark.parametrize("call", ["status", "changes"])
    def test_a_portal_or_a_proxy_is_never_taken_for_the_server(
        self, reply: bytes, call: str
    ) -> None:
        calls: dict[str, Callable[[RestRemote], object]] = {
            "status": lambda remote: remote.status(),
            "changes": lambda remote: remote.changes(None),
        }
        answering = after_status(lambda _: reply) if call == "changes" else lambda _: reply
        with remote_to(answering) as (remote, _), pytest.raises(NotTheContract):
            calls[call](remote)

    @pytest.mark.fault("captive portal")
    @pytest.mark.parametrize(
        "page",
        [
            {},
            {"files": []},
            {"files": [], "cursor": "1.c"},
            {"files": None, "cursor": "1.c", "hasMore": False},
            {"files": [{"id": "x"}], "cursor": "1.c", "hasMore": False},
            {"files": [], "cursor": "1.c", "hasMore": "no"},
        ],
    )
    def test_half_a_page_is_no_page(self, page: object) -> None:
        with (
            remote_to(after_status(lambda _: json_answer(page))) as (remote, _),
            pytest.raises(NotTheContract),
        ):
            remote.changes(None)

    @pytest.mark.security(3)
    def test_a_redirect_is_not_followed(self) -> None:
        with faulty_server(lambda _: json_answer(STATUS)) as elsewhere:
            redirect = answer(307, headers={"Location": f"{elsewhere.url}/sync/status"})
            with remote_to(lambda _: redirect) as (remote, _), pytest.raises(NotTheContract):
                remote.status()

            assert elsewhere.connections == 0

    def test_an_id_that_climbs_out_of_its_path_is_refused(self) -> None:
        with (
            remote_to(after_status(lambda _: json_answer({}))) as (remote, _),
            pytest.raises(NotTheContract),
        ):
            remote.current("..")

    def test_an_id_with_a_slash_stays_one_component(self) -> None:
        not_found = problem_answer(404, "notFound")
        with remote_to(after_status(lambda _: not_found)) as (remote, server):
            with pytest.raises(NotFound):
                remote.current("../status?x")

            assert server.received[-1].path == "/sync/files/..%2Fstatus%3Fx"

    def test_half_an_answer_is_unreachable(self) -> None:
        cut = answer(200, b'{"cursor": ', length=500)
        with remote_to(lambda _: cut) as (remote, _), pytest.raises(Unreachable):
            remote.status()

    def test_no_answer_is_unreachable(self) -> None:
        with remote_to(lambda _: b"") as (remote, _), pytest.raises(Unreachable):
            remote.status()

    def test_a_closed_remote_is_unreachable(self) -> None:
        with remote_to(lambda _: json_answer(STATUS)) as (remote, _):
            remote.close()

            with pytest.raises(Unreachable):
                remote.status()

    @pytest.mark.fault("no network")
    def test_nobody_there_is_unreachable(self) -> None:
        with faulty_server(lambda _: b"") as server:
            url = server.url
        remote = RestRemote(Connection(url), MemoryTokenStore(TOKENS), device_id="device")

        with pytest.raises(Unreachable):
            remote.status()

        remote.close()


class TestErrors:
    @pytest.mark.parametrize(
        ("reply", "expected"),
        [
            (problem_answer(400, "invalidName"), InvalidRequest),
            (problem_answer(404, "notFound"), NotFound),
            (problem_answer(413, "tooLarge"), TooLarge),
            (answer(413, b"<html>nginx</html>"), TooLarge),
            (problem_answer(422, "digestMismatch"), ContentMismatch),
            (problem_answer(422, "idempotencyReuse"), InvalidRequest),
            (problem_answer(429, "rateLimited"), Throttled),
            (problem_answer(507, "quotaExceeded"), QuotaExceeded),
            (answer(500, b"oops"), ServerTrouble),
            (answer(502, b"<html>bad gateway</html>"), ServerTrouble),
            (json_answer({"statusCode": 400, "message": "Bad Request"}, 400), InvalidRequest),
        ],
    )
    def test_a_status_becomes_one_error(self, reply: bytes, expected: type[RemoteError]) -> None:
        with remote_to(after_status(lambda _: reply)) as (remote, _):
            with pytest.raises(expected) as caught:
                remote.current("node")

            assert type(caught.value) is expected

    @pytest.mark.fault("server trouble")
    @pytest.mark.parametrize(
        ("headers", "seconds"),
        [
            ({"Retry_After": "17"}, 17.0),
            (
                {
                    "Date": "Thu, 01 Jan 2026 00:00:00 GMT",
                    "Retry_After": "Thu, 01 Jan 2026 00:00:30 GMT",
                },
                30.0,
            ),
            ({"Retry_After": "999999999"}, 3600.0),
            ({"Retry_After": "soon"}, None),
            ({}, None),
        ],
    )
    def test_retry_after_is_read_in_both_forms(
        self, headers: dict[str, str], seconds: float | None
    ) -> None:
        reply = problem_answer(429, "rateLimited", **headers)
        with remote_to(lambda _: reply) as (remote, _):
            with pytest.raises(Throttled) as caught:
                remote.status()

            assert caught.value.retry_after == seconds

    def test_a_conflict_carries_the_node_as_it_is(self) -> None:
        current = {"id": "node", "fileName": "a.txt", "version": 7}
        problem = {"status": 409, "code": "nameTaken", "current": current}
        with remote_to(after_status(lambda _: json_answer(problem, 409))) as (remote, _):
            with pytest.raises(Conflict) as caught:
                remote.upload(file_put(at("a.txt"), b"a"), SentBytes(b"a"))

            assert caught.value.code is ConflictCode.NAME_TAKEN
            assert caught.value.current is not None
            assert caught.value.current.version == 7

    @pytest.mark.promise(24)
    @pytest.mark.fault("clock")
    def test_the_date_header_tells_the_clock_s_skew(self) -> None:
        reply = json_answer(STATUS, Date="Thu, 01 Jan 2026 01:00:00 GMT")
        with faulty_server(lambda _: reply) as server:
            remote = RestRemote(
                Connection(server.url),
                MemoryTokenStore(replace(TOKENS, expires_at=2e12)),
                device_id="device",
                now=lambda: 1_767_225_600.0,
            )
            remote.status()
            remote.close()

        assert remote.clock_skew == timedelta(hours=1)
