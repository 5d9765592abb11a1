"""Password hashes."""

import pytest

from dreamsync.server.accounts.errors import InvalidAccount
from dreamsync.server.accounts.passwords import hash_password, verify_password


def test_only_the_right_password_verifies() -> None:
    stored = hash_password("correct horse")
    assert verify_password(stored, "correct horse").correct
    assert not verify_password(stored, "Correct horse").correct


@pytest.mark.parametrize("password", ["", "correct horse", "x" * 5000])
def test_nobody_has_no_password(password: str) -> None:
    assert not verify_password(None, password).correct


@pytest.mark.parametrize("password", ["", "1234567", "x" * 1025])
def test_too_short_and_too_long_passwords_are_refused(password: str) -> None:
    with pytest.raises(InvalidAccount):
        hash_password(password)


def test_an_overlong_password_never_matches_its_beginning() -> None:
    stored = hash_password("x" * 1024)
    assert verify_password(stored, "x" * 1024).correct
    assert not verify_password(stored, "x" * 1025).correct


def test_a_damaged_hash_matches_nothing() -> None:
    assert not verify_password("no hash at all", "correct horse").correct
