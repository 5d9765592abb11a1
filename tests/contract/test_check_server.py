"""`check-server` over real HTTP: our own server, a plain one, and servers that break one rule."""

import io
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace

import httpx
import pytest

from dreamsync.cli.app import run
from dreamsync.contract.check import DEVICE_NAME, check_server, connection_to
from dreamsync.contract.rules import Level, Report
from dreamsync.contract.table import RULES
from dreamsync.contract.verdicts import Verdict
from dreamsync.remotes.errors import InvalidAddress, SignedOut
from dreamsync.server.accounts.directory import add_account
from dreamsync.server.accounts.passwords import hash_password
from dreamsync.server.app import OpenServer, open_server
from dreamsync.server.http.backend import HttpSettings
from dreamsync.server.service import feed, rules, writes
from dreamsync.server.service.clock import SystemClock
from dreamsync.wire.messages import CapabilitiesMessage
from dreamsync.wire.sync_file import SyncFile
from tests.support import plain_server
from tests.support.server import running_application

_EMAIL, _PASSWORD = "author@example.org", "correct horse"


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenServer]:
    data_dir = str(tmp_path_factory.mktemp("server"))
    clock = SystemClock()
    opened = open_server(data_dir, settings=HttpSettings(heartbeat_s=0.2), clock=clock)
    service = opened.backend.service
    with service.database.write() as connection:
        account = add_account(
            connection,
            email=_EMAIL,
            password_hash=hash_password(_PASSWORD),
            now_ms=clock.now_ms(),
        )
    service.spaces.create(account.id, _EMAIL)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def url(opened: OpenServer) -> Iterator[str]:
    with running_application(opened.application, before_exit=opened.end_streams) as url:
        yield url


def _check(url: str, *names: str) -> Report:
    wanted = [rule for rule in RULES if not names or rule.name in names]
    return check_server(connection_to(url), email=_EMAIL, password=_PASSWORD, rules=wanted)


def _not_met(report: Report) -> dict[str, str]:
    return {one.rule.name: one.reason for one in report.results if one.verdict is not Verdict.MET}


def test_our_own_server_keeps_all_of_the_contract(url: str) -> None:
    report = _check(url)

    assert _not_met(report) == {}
    assert report.is_whole
    assert len(report.results) == len(RULES)


def test_nothing_is_left_behind_and_nothing_else_is_touched(url: str) -> None:
    with closing(_signed_in(url)) as client:
        mine = client.post(
            "/sync/upload",
            data={"fileName": "mine.txt", "baseVersion": "0"},
            files={"file": ("x", b"mine")},
            headers={"Idempotency-Key": "0123456789abcdef"},
        ).json()
        report = _check(url, "upload", "folders", "not-empty", "cycle")
        files = client.get("/sync/files").json()["files"]
        devices = client.get("/auth/devices").json()["items"]

    assert report.left == ""
    assert [(one["fileName"], one["version"]) for one in files] == [("mine.txt", mine["version"])]
    assert [one for one in devices if one["name"] == DEVICE_NAME and not one["revoked"]] == []


def _signed_in(url: str) -> httpx.Client:
    client = httpx.Client(base_url=url, timeout=20, trust_env=False)
    who = {"email": _EMAIL, "password": _PASSWORD, "deviceId": "own", "deviceName": "own"}
    tokens = client.post("/auth/login", json=who).json()
    client.headers["Authorization"] = f"Bearer {tokens['accessToken']}"
    return client


def test_a_plain_server_gets_its_honest_part_of_the_table() -> None:
    with plain_server.running_plain_server() as server:
        report = check_server(
            connection_to(server.url), email=plain_server.EMAIL, password=plain_server.PASSWORD
        )
        live = [row for row in server.rows.values() if row["deletedAt"] is None]

    by_level = {level: set[Verdict]() for level in Level}
    for result in report.results:
        by_level[result.rule.level].add(result.verdict)
    assert by_level == {
        Level.PLAIN: {Verdict.MET},
        Level.FULL: {Verdict.NOT_OFFERED},
        Level.OFFERED: {Verdict.NOT_OFFERED},
    }
    assert (report.is_usable, report.is_whole) == (True, False)
    assert all(one.reason for one in report.results if one.verdict is not Verdict.MET)
    assert live == []


def _ignores_base_version(patch: pytest.MonkeyPatch) -> None:
    really = rules.find_target

    def careless(draft, file_id, place, base_version, *, kind):  # type: ignore[no-untyped-def]
        live = rules.live_at(draft.writer, place)
        version = live.version if live is not None else base_version
        return really(draft, file_id, place, version, kind=kind)

    patch.setattr(rules, "find_target", careless)
    patch.setattr(rules, "_current", lambda draft, node_id, _version: draft.require(node_id))


def _misses_tombstones(patch: pytest.MonkeyPatch) -> None:
    page = feed.Feed.page

    def forgetful(self, caller, since, limit):  # type: ignore[no-untyped-def]
        told = page(self, caller, since, limit)
        return replace(told, files=tuple(file for file in told.files if not file.deleted))

    patch.setattr(feed.Feed, "page", forgetful)


def _acts_twice(patch: pytest.MonkeyPatch) -> None:
    run_step = writes._run
    patch.setattr(writes, "_run", lambda draft, step, _stored: run_step(draft, step, None))


def _knows_every_cursor(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(feed, "require_fresh", lambda *_: None)
    patch.setattr(writes, "require_known", lambda *_: None)


def _takes_any_digest_for_its_own(patch: pytest.MonkeyPatch) -> None:
    really = rules.content_to_copy

    def credulous(draft, request, *, content_id):  # type: ignore[no-untyped-def]
        source = draft.writer.revision(request.source_id, request.version)
        announced = replace(request.upload, digest=source.node.digest if source else None)
        return really(draft, replace(request, upload=announced), content_id=content_id)

    patch.setattr(rules, "content_to_copy", credulous)


def _wraps_its_answers(patch: pytest.MonkeyPatch) -> None:
    really = SyncFile.to_json
    patch.setattr(SyncFile, "to_json", lambda self: {"data": really(self)})


@pytest.mark.parametrize(
    ("spoil", "caught"),
    [
        (_ignores_base_version, {"stale", "delete-stale", "move-stale", "name-taken"}),
        (_misses_tombstones, {"delete", "confirm"}),
        (_acts_twice, {"repeat", "key-reuse", "batch-repeat"}),
        (_knows_every_cursor, {"feed-history", "lost-history"}),
        (_takes_any_digest_for_its_own, {"copy"}),
        (_wraps_its_answers, {"upload", "list", "delete", "version"}),
    ],
    ids=lambda value: value.__name__.strip("_") if callable(value) else "",
)
def test_a_server_that_breaks_a_rule_is_caught(
    url: str,
    monkeypatch: pytest.MonkeyPatch,
    spoil: Callable[[pytest.MonkeyPatch], None],
    caught: set[str],
) -> None:
    spoil(monkeypatch)

    report = _check(url, *caught)

    found = _not_met(report)
    assert set(found) >= caught
    assert all(found.values()), "each with a reason"
    assert not report.is_whole


def test_a_capability_that_is_not_claimed_is_not_held_against_a_server(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    really = CapabilitiesMessage.to_json
    monkeypatch.setattr(
        CapabilitiesMessage, "to_json", lambda self: {**really(self), "trash": False}
    )

    report = _check(url, "upload", "trash")

    assert _not_met(report) == {"trash": "not among its capabilities"}
    assert report.is_whole


def test_who_cannot_sign_in_is_told() -> None:
    with plain_server.running_plain_server() as server, pytest.raises(SignedOut):
        check_server(connection_to(server.url), email="nobody@example.org", password="wrong")


def test_plain_http_to_another_computer_is_refused() -> None:
    with pytest.raises(InvalidAddress):
        connection_to("http://sync.example.com")


def _run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = run(["check-server", *arguments])
    out, err = capsys.readouterr()
    return code, out, err


def test_the_command_prints_a_table_or_one_document(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with plain_server.running_plain_server() as server:
        asked = (server.url, "--email", plain_server.EMAIL, "--password-stdin")
        monkeypatch.setattr(sys, "stdin", io.StringIO(plain_server.PASSWORD + "\n"))
        code, table, _ = _run(capsys, *asked)
        monkeypatch.setattr(sys, "stdin", io.StringIO(plain_server.PASSWORD + "\n"))
        json_code, text, _ = _run(capsys, *asked, "--json")
        monkeypatch.setattr(sys, "stdin", io.StringIO("wrong\n"))
        refused, _, told = _run(capsys, *asked)

    document = json.loads(text)
    assert (code, json_code, refused) == (3, 3, 5)
    assert "✓  Takes an upload" in table
    assert "Clients can use it, and go without the rest." in table
    assert (document["usable"], document["whole"]) == (True, False)
    assert {item["verdict"] for item in document["items"]} == {"met", "not-offered"}
    assert told
