"""The server as a process: it starts, ends with streams open, survives a kill, and is backed up."""

import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from dreamsync.server import admin
from dreamsync.server.accounts.errors import (
    AccountExists,
    AccountUnknown,
    InvalidAccount,
    InvalidCredentials,
)
from dreamsync.server.certificate import ensure_certificate, fingerprint_of
from dreamsync.server.data_dir import DataDirInUse
from dreamsync.server.serve import ServeError, ServeOptions, bind, bind_from, serve
from tests.server.http.client import Device, expect, problem
from tests.support.server import RunningServer, running_server

EMAIL, PASSWORD = "anna@example.org", "correct horse"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RunningServer]:
    with running_server(tmp_path) as server:
        server.add_user(EMAIL, PASSWORD)
        yield server


@pytest.fixture
def laptop(server: RunningServer) -> Iterator[Device]:
    device = sign_in(server.url)
    yield device
    device.http.close()


def sign_in(url: str, password: str = PASSWORD) -> Device:
    body = {"email": EMAIL, "password": password, "deviceId": "laptop"}
    with httpx.Client(base_url=url, trust_env=False) as client:
        tokens = expect(client.post("/auth/login", json=body), 200)
    headers = {"Authorization": f"Bearer {tokens['accessToken']}"}
    http = httpx.Client(base_url=url, headers=headers, timeout=20, trust_env=False)
    return Device(http, "laptop", EMAIL, refresh_token=str(tokens["refreshToken"]))


def test_it_ends_within_five_seconds_with_push_streams_open(
    server: RunningServer, laptop: Device
) -> None:
    lines: list[str] = []
    with laptop.http.stream("GET", "/sync/events") as stream:
        listened = stream.iter_lines()
        lines.append(next(listened))
        rest = threading.Thread(target=lambda: lines.extend(listened))
        rest.start()
        started = time.monotonic()

        code = server.stop()

        rest.join(5)
    assert (code, rest.is_alive()) == (0, False)
    assert time.monotonic() - started < 5


@pytest.mark.promise(9)
@pytest.mark.fault("server restart")
def test_what_was_acknowledged_survives_a_kill(server: RunningServer, laptop: Device) -> None:
    file = laptop.put("note.txt", b"settled")

    server.kill()
    server.start()

    assert laptop.feed()[0] == [file]
    assert laptop.content(file) == b"settled"


@pytest.mark.fault("server restart")
def test_sessions_survive_a_restart(server: RunningServer, laptop: Device) -> None:
    server.restart()
    expect(laptop.http.get("/sync/status"), 200)
    body = {"refreshToken": laptop.refresh_token}
    expect(httpx.post(f"{server.url}/auth/refresh", json=body, trust_env=False), 200)


@pytest.mark.promise(21)
def test_two_servers_do_not_share_a_folder(server: RunningServer) -> None:
    with pytest.raises(ServeError, match="already running"):
        serve(ServeOptions(server.data_dir, port=0))


def test_a_taken_port_is_told(server: RunningServer, tmp_path: Path) -> None:
    with pytest.raises(ServeError, match=str(server.port)):
        serve(ServeOptions(str(tmp_path / "other"), port=server.port))


def test_of_two_who_want_the_next_free_port_each_gets_its_own(server: RunningServer) -> None:
    with (
        bind_from("127.0.0.1", server.port) as one,
        bind_from("127.0.0.1", server.port) as other,
    ):
        assert len({server.port, one.getsockname()[1], other.getsockname()[1]}) == 3


@pytest.mark.security(5)
def test_a_new_password_ends_all_sessions(server: RunningServer, laptop: Device) -> None:
    code = admin.create_join_code(server.data_dir, EMAIL)
    admin.set_password(server.data_dir, EMAIL, "another password")

    body = {"refreshToken": laptop.refresh_token}
    answer = httpx.post(f"{server.url}/auth/refresh", json=body, trust_env=False)

    problem(answer, 401, "tokenInvalid")
    joining = {"token": code.token, "deviceId": "thief"}
    answer = httpx.post(f"{server.url}/auth/join", json=joining, trust_env=False)
    problem(answer, 401, "invalidCredentials")
    with pytest.raises(AssertionError, match="invalidCredentials"):
        sign_in(server.url)
    sign_in(server.url, "another password").http.close()


@pytest.mark.promise(15)
@pytest.mark.fault("old backup")
def test_a_restored_server_says_that_its_history_was_replaced(
    server: RunningServer, laptop: Device, tmp_path: Path
) -> None:
    kept = laptop.put("kept.txt", b"kept")
    admin.backup(server.data_dir, str(tmp_path / "backup"))
    laptop.put("lost.txt", b"lost")
    cursor = laptop.cursor()
    body = {"refreshToken": laptop.refresh_token}
    tokens = expect(httpx.post(f"{server.url}/auth/refresh", json=body, trust_env=False), 200)
    server.stop()

    aside = admin.restore(str(tmp_path / "backup"), server.data_dir)
    server.start()

    assert aside is not None
    assert (Path(aside) / "dreamsync.sqlite3").exists()
    gone = laptop.http.get("/sync/files", params={"since": cursor})
    problem(gone, 410, "historyReplaced")
    problem(laptop.upload("new.txt", cursor=cursor), 410, "historyReplaced")
    assert laptop.feed()[0] == [kept]
    assert laptop.content(kept) == b"kept"
    body = {"refreshToken": str(tokens["refreshToken"])}
    expect(httpx.post(f"{server.url}/auth/refresh", json=body, trust_env=False), 200)


def test_a_running_server_is_not_restored_over(server: RunningServer, tmp_path: Path) -> None:
    admin.backup(server.data_dir, str(tmp_path / "backup"))
    with pytest.raises(DataDirInUse):
        admin.restore(str(tmp_path / "backup"), server.data_dir)


def test_accounts_are_kept_from_the_command_line(tmp_path: Path) -> None:
    data_dir = str(tmp_path / "server")
    added = admin.add_user(data_dir, EMAIL, PASSWORD, quota_limit=1000)
    admin.add_user(data_dir, "ben@example.org", admin.generate_password())

    with pytest.raises(AccountExists):
        admin.add_user(data_dir, EMAIL.upper(), PASSWORD)
    with pytest.raises(InvalidAccount):
        admin.add_user(data_dir, "no email", PASSWORD)
    assert admin.set_quota(data_dir, EMAIL, None).quota_limit is None
    assert [user.email for user in admin.list_users(data_dir)] == [EMAIL, "ben@example.org"]
    assert added.quota_limit == 1000

    admin.remove_user(data_dir, EMAIL)

    assert [user.email for user in admin.list_users(data_dir)] == ["ben@example.org"]
    with pytest.raises(AccountUnknown):
        admin.set_password(data_dir, EMAIL, PASSWORD)


def test_a_removed_account_is_signed_out(server: RunningServer, laptop: Device) -> None:
    admin.remove_user(server.data_dir, EMAIL)
    body = {"refreshToken": laptop.refresh_token}
    answer = httpx.post(f"{server.url}/auth/refresh", json=body, trust_env=False)
    problem(answer, 401, "tokenInvalid")


@pytest.mark.security(5)
def test_what_another_process_revokes_ends_the_push_stream_too(tmp_path: Path) -> None:
    with running_server(tmp_path, heartbeat_s=0.3) as server:
        server.add_user(EMAIL, PASSWORD)
        device = sign_in(server.url)
        with device.http, device.http.stream("GET", "/sync/events") as stream:
            lines = stream.iter_lines()
            next(lines)
            admin.set_password(server.data_dir, EMAIL, "another password")
            assert not any(line.startswith("data") for line in list(lines)[1:])


def test_a_folder_that_holds_no_database_is_told(tmp_path: Path) -> None:
    (tmp_path / "dreamsync.sqlite3").write_bytes(b"no database at all" * 1000)
    with pytest.raises(ServeError, match="cannot be used"):
        serve(ServeOptions(str(tmp_path), port=0))


def test_a_join_code_from_the_command_line_signs_a_device_in(server: RunningServer) -> None:
    code = admin.create_join_code(server.data_dir, EMAIL)
    body = {"token": code.token, "deviceId": "phone"}
    answer = httpx.post(f"{server.url}/auth/join", json=body, trust_env=False)
    assert expect(answer, 200)["email"] == EMAIL
    assert str(InvalidCredentials()) not in answer.text


def test_its_own_certificate_is_kept_and_known_by_its_fingerprint(tmp_path: Path) -> None:
    first = ensure_certificate(str(tmp_path), hosts=["192.0.2.1"])
    again = ensure_certificate(str(tmp_path))

    assert first == again
    assert re.fullmatch("[0-9a-f]{64}", first.fingerprint)
    assert fingerprint_of(first.certificate_path) == first.fingerprint


def test_it_serves_tls_under_its_own_certificate(tmp_path: Path) -> None:
    import ssl

    certificate = ensure_certificate(str(tmp_path))
    with bind("127.0.0.1", 0) as probe:
        port = probe.getsockname()[1]
    program = (
        "import sys; from dreamsync.server.serve import *;"
        "serve(ServeOptions(sys.argv[1], port=int(sys.argv[2]), tls_certificate=sys.argv[3],"
        " tls_key=sys.argv[4]), on_ready=lambda url: print(url, flush=True))"
    )
    arguments = [str(tmp_path / "data"), str(port)]
    arguments += [certificate.certificate_path, certificate.key_path]
    with subprocess.Popen(
        [sys.executable, "-c", program, *arguments], stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            url = process.stdout.readline().strip()
            trusted = ssl.create_default_context(cafile=certificate.certificate_path)
            answer = httpx.get(f"{url}/sync/status", verify=trusted, trust_env=False)
            problem(answer, 401, "tokenInvalid")
            assert url.startswith("https://127.0.0.1:")
        finally:
            process.send_signal(signal.SIGTERM)
            assert process.wait(10) == 0
