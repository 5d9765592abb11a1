"""Logs hold what happened and no secret, in files nobody else can read."""

import logging
import pathlib
import stat
import sys
from collections.abc import Iterator

import pytest

from dreamsync.config.settings import LogLevel
from dreamsync.daemon.logs import redact, set_level, start_logging


@pytest.fixture
def log(tmp_path: pathlib.Path) -> Iterator[pathlib.Path]:
    """A log that is started for the test, and the logging of before put back."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    root.handlers.clear()
    path = tmp_path / "logs" / "dreamsync.log"
    start_logging(str(path), LogLevel.INFO)
    yield path
    for handler in root.handlers:
        handler.close()
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.mark.security(4)
@pytest.mark.parametrize(
    "text",
    [
        "GET https://s3.example.com/b/k?X-Amz-Signature=canary&X-Amz-Expires=600 200",
        "Authorization: Bearer canary.canary-canary",
        "authorization: canary",
        'body {"accessToken": "canary", "refreshToken":"canary"}',
        "refresh_token=canary",
        "password: canary",
        "{'password': 'canary'}",
        "proxy http://mina:canary@proxy:3128",
        "token eyJcanary.eyJcanary.canary",
        "Set-Cookie: session=canary; Secure",
    ],
)
def test_secrets_are_redacted(text: str) -> None:
    assert "canary" not in redact(text).removeprefix("session=")


@pytest.mark.parametrize(
    "text",
    ["사진/하나.jpg uploaded", "https://sync.example.com/sync/files", "12 files, 3 folders"],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert redact(text) == text


@pytest.mark.security(4)
def test_a_traceback_is_redacted_too(log: pathlib.Path) -> None:
    try:
        raise ValueError("https://host/x?sig=canary")
    except ValueError:
        logging.getLogger("dreamsync.test").exception("it failed")
    written = log.read_text()
    assert "ValueError: https://host/x?***" in written
    assert "canary" not in written


def test_a_file_name_cannot_forge_a_line(log: pathlib.Path) -> None:
    logging.getLogger("dreamsync.test").info("uploaded %s", "a\n2026-01-01 CRITICAL forged")
    assert len(log.read_text().splitlines()) == 1


def test_a_name_that_is_no_text_is_logged_all_the_same(log: pathlib.Path) -> None:
    logging.getLogger("dreamsync.test").info("skipped %s", "na\udcffme")
    assert "na\\udcffme" in log.read_text()


@pytest.mark.security(4)
@pytest.mark.skipif(sys.platform == "win32", reason="no modes")
def test_only_the_owner_can_read_it(log: pathlib.Path) -> None:
    assert stat.S_IMODE(log.stat().st_mode) == 0o600
    assert stat.S_IMODE(log.parent.stat().st_mode) == 0o700


@pytest.mark.security(4)
def test_libraries_that_log_urls_are_quiet(log: pathlib.Path) -> None:
    set_level(LogLevel.DEBUG)
    logging.getLogger("urllib3").info("GET https://host/path")
    assert log.read_text() == ""


def test_the_environment_goes_before_the_setting(
    log: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DREAMSYNC_LOG", "error")
    set_level(LogLevel.DEBUG)
    assert logging.getLogger().level == logging.ERROR
    monkeypatch.setenv("DREAMSYNC_LOG", "nonsense")
    set_level(LogLevel.WARNING)
    assert logging.getLogger().level == logging.WARNING
