"""Tokens that end, and their renewal."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from dreamsync.remotes.errors import (
    ServerTrouble,
    SignedOut,
)
from dreamsync.remotes.rest import Connection, RestRemote, Tokens
from tests.remotes.faulty_remote import STATUS, TOKENS, remote_to
from tests.remotes.faulty_server import (
    Received,
    answer,
    faulty_server,
    json_answer,
    problem_answer,
)
from tests.remotes.token_stores import MemoryTokenStore


class TestTokens:
    @pytest.mark.fault("token refused")
    def test_many_threads_renew_an_expired_token_once(self) -> None:
        renewed = json_answer({"accessToken": "new", "refreshToken": "r2", "expiresIn": 900})
        everyone_was_refused = threading.Barrier(8)

        def answering(request: Received) -> bytes:
            if request.call == "POST /auth/refresh":
                return renewed
            if request.headers["authorization"] == "Bearer new":
                return json_answer(STATUS)
            everyone_was_refused.wait(10)
            return problem_answer(401, "tokenExpired")

        with remote_to(answering) as (remote, server), ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda _: remote.status().cursor, range(8)))

            assert answers == ["0.c"] * 8
            assert server.calls("POST /auth/refresh") == 1

    def test_a_token_is_renewed_before_it_ends(self) -> None:
        renewed = json_answer({"accessToken": "new", "refreshToken": "r2", "expiresIn": 900})
        answering = {"POST /auth/refresh": renewed, "GET /sync/status": json_answer(STATUS)}
        ended = replace(TOKENS, expires_at=0.0)
        with remote_to(lambda request: answering[request.call], tokens=ended) as (remote, server):
            remote.status()

            assert [request.call for request in server.received] == [
                "POST /auth/refresh",
                "GET /sync/status",
            ]

    @pytest.mark.fault("token refused")
    @pytest.mark.parametrize("code", ["tokenInvalid", "deviceRevoked"])
    def test_a_refused_renewal_signs_out_and_is_not_repeated(self, code: str) -> None:
        with remote_to(lambda _: problem_answer(401, code)) as (remote, server):
            for _ in range(3):
                with pytest.raises(SignedOut):
                    remote.status()

            assert server.calls("POST /auth/refresh") == 1

    @pytest.mark.fault("token refused")
    def test_trouble_while_renewing_signs_nobody_out(self) -> None:
        answering = {
            "POST /auth/refresh": answer(503, b""),
            "GET /sync/status": problem_answer(401, "tokenExpired"),
        }
        with (
            remote_to(lambda request: answering[request.call]) as (remote, _),
            pytest.raises(ServerTrouble),
        ):
            remote.status()

    def test_signing_in_again_by_another_process_is_noticed(self) -> None:
        def answering(request: Received) -> bytes:
            if request.headers.get("authorization") == "Bearer theirs":
                return json_answer(STATUS)
            return problem_answer(401, "tokenExpired")

        with faulty_server(answering) as server:
            store = MemoryTokenStore(replace(TOKENS, access="old"))
            remote = RestRemote(Connection(server.url), store, device_id="device")
            with pytest.raises(SignedOut):
                remote.status()
            store.tokens = Tokens("theirs", "r2", expires_at=2e12)

            remote.status()
            remote.close()

            assert server.calls("POST /auth/refresh") == 1

    def test_short_lived_tokens_are_not_renewed_on_every_call(self) -> None:
        renewed = json_answer({"accessToken": "new", "refreshToken": "r2", "expiresIn": 20})
        answering = {"POST /auth/refresh": renewed, "GET /sync/status": json_answer(STATUS)}
        ended = replace(TOKENS, expires_at=0.0)
        with remote_to(lambda request: answering[request.call], tokens=ended) as (remote, server):
            for _ in range(3):
                remote.status()

            assert server.calls("POST /auth/refresh") == 1

    def test_nobody_signed_in_asks_nothing(self) -> None:
        with faulty_server(lambda _: b"") as server:
            remote = RestRemote(Connection(server.url), MemoryTokenStore(), device_id="device")
            with pytest.raises(SignedOut):
                remote.status()
            remote.close()

            assert server.connections == 0
