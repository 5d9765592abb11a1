"""The server's secret file."""

import os
import stat
from pathlib import Path

import pytest

from dreamsync.server.accounts.secrets import FILE_NAME, SecretUnusable, ServerSecret


def test_the_secret_stays_the_same_and_each_purpose_has_its_own_key(tmp_path: Path) -> None:
    first = ServerSecret.load_or_create(str(tmp_path))
    second = ServerSecret.load_or_create(str(tmp_path))

    assert first.derive("a") == second.derive("a") != first.derive("b")
    assert len(first.derive("a")) == 32


def test_two_servers_have_different_secrets(tmp_path: Path) -> None:
    folders = [tmp_path / "one", tmp_path / "two"]
    for folder in folders:
        folder.mkdir()
    keys = {ServerSecret.load_or_create(str(folder)).derive("a") for folder in folders}
    assert len(keys) == 2


@pytest.mark.security(7)
@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX")
def test_only_the_servers_user_may_read_it(tmp_path: Path) -> None:
    path = tmp_path / FILE_NAME
    ServerSecret.load_or_create(str(tmp_path))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600

    path.chmod(0o644)
    ServerSecret.load_or_create(str(tmp_path))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.security(10)
@pytest.mark.parametrize("damaged", [b"", b"00", b"z" * 64, b"0" * 66])
def test_a_damaged_secret_stops_the_server(tmp_path: Path, damaged: bytes) -> None:
    (tmp_path / FILE_NAME).write_bytes(damaged)
    with pytest.raises(SecretUnusable, match="damaged"):
        ServerSecret.load_or_create(str(tmp_path))


def test_the_secret_is_not_shown(tmp_path: Path) -> None:
    secret = ServerSecret.load_or_create(str(tmp_path))
    assert (tmp_path / FILE_NAME).read_text() not in repr(secret)
    assert "_root" not in repr(secret)
