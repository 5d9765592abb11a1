"""Accounts and care of a server, on a real data folder without a running server."""

import io
import pathlib
import re

import pytest

from tests.cli.conftest import Call


@pytest.fixture
def data(tmp_path: pathlib.Path) -> str:
    return str(tmp_path / "server")


def listed(call: Call, data: str) -> list[dict[str, object]]:
    items = call("serve-user", "list", "--json", "--data", data).document["items"]
    assert isinstance(items, list)
    return items


def test_an_account_is_made_limited_and_removed(call: Call, data: str) -> None:
    made = call("serve-user", "add", "mina@example.com", "--data", data)
    assert made.code == 0
    assert re.search(r"Password \(shown only this once\): \S{20}\n", made.out)
    call("serve-user", "quota", "mina@example.com", "50G", "--data", data)
    (account,) = listed(call, data)
    assert account["email"] == "mina@example.com"
    assert account["quota"] == {"used": 0, "limit": 50_000_000_000}
    assert "50.0 GB" in call("serve-user", "list", "--data", data).out
    assert call("serve-user", "remove", "mina@example.com", "--yes", "--data", data).code == 0
    assert listed(call, data) == []


def test_a_password_comes_from_standard_input(
    call: Call, data: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("correct horse battery\n"))
    made = call("serve-user", "add", "a@b.kr", "--password-stdin", "--data", data)
    assert (made.code, made.out) == (0, "Account made: a@b.kr\n")


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["add", "no-email"], 1, "is not an email address"),
        (["passwd", "nobody@b.kr"], 1, "no account for nobody@b.kr"),
        (["remove", "nobody@b.kr", "--yes"], 1, "no account for nobody@b.kr"),
        (["quota", "a@b.kr", "lots"], 2, "Write a size such as 50G"),
    ],
)
def test_what_cannot_be_is_told(
    call: Call, data: str, arguments: list[str], code: int, says: str
) -> None:
    call("serve-user", "add", "a@b.kr", "--data", data)
    printed = call("serve-user", *arguments, "--data", data)
    assert printed.code == code
    assert says in printed.err
    assert "Traceback" not in printed.err


@pytest.mark.parametrize(
    "arguments",
    [
        ("serve-user", "list"),
        ("serve-user", "quota", "a@b.kr", "1G"),
        ("serve-admin", "backup", "somewhere"),
        ("serve-admin", "purge"),
    ],
)
def test_a_mistyped_folder_does_not_become_a_server(
    call: Call, data: str, arguments: tuple[str, ...]
) -> None:
    printed = call(*arguments, "--data", data)
    assert printed.code == 2
    assert "does not exist" in printed.err
    assert not pathlib.Path(data).exists()


def test_a_backup_is_taken_and_put_back(call: Call, data: str, tmp_path: pathlib.Path) -> None:
    call("serve-user", "add", "a@b.kr", "--data", data)
    backup = str(tmp_path / "backup")
    assert call("serve-admin", "backup", backup, "--data", data).code == 0
    call("serve-user", "remove", "a@b.kr", "--yes", "--data", data)
    assert call("serve-admin", "restore", backup, "--data", data).code == 0
    assert [account["email"] for account in listed(call, data)] == ["a@b.kr"]
    for care in (["purge"], ["purge", "--older-than", "0"], ["expire-cursors"]):
        assert call("serve-admin", *care, "--data", data).code == 0


def test_certificate_and_key_go_together(call: Call, data: str) -> None:
    assert call("serve", "--data", data, "--tls-cert", "c.pem").code == 2


def test_there_is_no_server_of_its_own_where_none_was_set_up(call: Call) -> None:
    printed = call("serve", "--own")
    assert printed.code == 78
    assert "dreamsync up" in printed.err


@pytest.mark.parametrize("arguments", [[], ["--own", "--data", "somewhere"]])
def test_one_server_is_named_and_not_two_or_none(call: Call, arguments: list[str]) -> None:
    assert call("serve", *arguments).code == 2
