"""Signing in, staying signed in, being signed out: with a real database and a clock set by hand."""

from collections.abc import Callable

import pytest

from dreamsync.server.accounts.access import LIFETIME_S
from dreamsync.server.accounts.errors import (
    DeviceRevoked,
    DeviceUnknown,
    InvalidCredentials,
    RateLimited,
    TokenExpired,
    TokenInvalid,
)
from dreamsync.server.accounts.sessions import NewDevice, Sessions, SignedIn
from dreamsync.server.accounts.throttle import EMAIL_ALLOWANCE
from dreamsync.server.metadata.database import Database

from .conftest import EMAIL, LAPTOP, PASSWORD, PHONE, StillClock, sign_in


def counts(sessions: Sessions, access_token: str) -> None:
    sessions.require_counting(sessions.read_token(access_token))


def test_a_sign_in_gives_tokens_for_the_account(sessions: Sessions, account_id: str) -> None:
    signed_in = sign_in(sessions)

    claims = sessions.read_token(signed_in.access_token)
    assert (claims.account_id, claims.device_id) == (account_id, "laptop")
    assert (signed_in.email, signed_in.expires_in_s) == (EMAIL, LIFETIME_S)


def test_a_second_device_of_the_same_name_is_numbered(sessions: Sessions) -> None:
    first = sign_in(sessions, NewDevice("one", "laptop"))
    second = sign_in(sessions, NewDevice("two", "laptop"))
    third = sign_in(sessions, NewDevice("three", "laptop"))

    assert [each.device_name for each in (first, second, third)] == [
        "laptop",
        "laptop (2)",
        "laptop (3)",
    ]
    assert sign_in(sessions, NewDevice("one", "laptop")).device_name == "laptop"
    assert sign_in(sessions, NewDevice("two", "laptop")).device_name == "laptop (2)"


def test_the_name_of_a_revoked_device_is_free(sessions: Sessions, account_id: str) -> None:
    sign_in(sessions, NewDevice("one", "laptop"))
    sessions.revoke(account_id=account_id, device_id="one")

    assert sign_in(sessions, NewDevice("two", "laptop")).device_name == "laptop"


@pytest.mark.parametrize("email", ["anna@example.org", "ANNA@EXAMPLE.ORG", EMAIL])
def test_emails_are_compared_without_regard_to_case(sessions: Sessions, email: str) -> None:
    assert sign_in(sessions, email=email).email == EMAIL


@pytest.mark.parametrize(
    ("email", "password"),
    [(EMAIL, "wrong password"), ("nobody@example.org", PASSWORD), (EMAIL, ""), ("", "")],
)
def test_unknown_emails_and_wrong_passwords_are_told_alike(
    sessions: Sessions, email: str, password: str
) -> None:
    with pytest.raises(InvalidCredentials) as refused:
        sign_in(sessions, email=email, password=password)
    assert str(refused.value) == str(InvalidCredentials())


def test_after_repeated_failures_even_the_right_password_waits(
    sessions: Sessions, clock: StillClock
) -> None:
    for _ in range(EMAIL_ALLOWANCE):
        with pytest.raises(InvalidCredentials):
            sign_in(sessions, password="wrong password")

    with pytest.raises(RateLimited) as refused:
        sign_in(sessions)

    clock.pass_seconds(refused.value.retry_after_s)
    assert sign_in(sessions).email == EMAIL


def test_failures_of_one_email_do_not_lock_out_another_address_book_entry(
    sessions: Sessions,
) -> None:
    for _ in range(EMAIL_ALLOWANCE):
        with pytest.raises(InvalidCredentials):
            sign_in(sessions, email="nobody@example.org")

    assert sign_in(sessions).email == EMAIL


def test_a_refresh_rotates(sessions: Sessions, laptop: SignedIn) -> None:
    second = sessions.refresh(laptop.refresh_token)
    third = sessions.refresh(second.refresh_token)

    assert len({laptop.refresh_token, second.refresh_token, third.refresh_token}) == 3
    counts(sessions, third.access_token)


def test_a_lost_answer_does_not_sign_a_device_out(
    sessions: Sessions, laptop: SignedIn, clock: StillClock
) -> None:
    lost = sessions.refresh(laptop.refresh_token)
    clock.pass_seconds(59)

    again = sessions.refresh(laptop.refresh_token)

    assert again.refresh_token == lost.refresh_token
    counts(sessions, sessions.refresh(again.refresh_token).access_token)


@pytest.mark.parametrize("uses_before", [1, 2])
def test_older_reuse_ends_the_tokens_of_that_device_only(
    sessions: Sessions, laptop: SignedIn, uses_before: int
) -> None:
    phone = sign_in(sessions, PHONE)
    newest = sessions.refresh(laptop.refresh_token)
    for _ in range(uses_before):
        newest = sessions.refresh(newest.refresh_token)

    with pytest.raises(TokenInvalid):
        sessions.refresh(laptop.refresh_token)

    with pytest.raises(TokenInvalid):
        sessions.refresh(newest.refresh_token)
    with pytest.raises(TokenInvalid):
        counts(sessions, newest.access_token)
    counts(sessions, sessions.refresh(phone.refresh_token).access_token)


def test_the_previous_token_is_reuse_after_a_minute(
    sessions: Sessions, laptop: SignedIn, clock: StillClock
) -> None:
    sessions.refresh(laptop.refresh_token)
    clock.pass_seconds(60)

    with pytest.raises(TokenInvalid):
        sessions.refresh(laptop.refresh_token)


def test_the_previous_token_works_only_once_more(sessions: Sessions, laptop: SignedIn) -> None:
    sessions.refresh(laptop.refresh_token)
    sessions.refresh(laptop.refresh_token)

    with pytest.raises(TokenInvalid):
        sessions.refresh(laptop.refresh_token)


def test_a_server_put_back_from_a_backup_signs_nobody_out(
    sessions: Sessions, laptop: SignedIn, database: Database
) -> None:
    newest = sessions.refresh(sessions.refresh(laptop.refresh_token).refresh_token)
    with database.write() as connection:
        connection.exec_driver_sql("UPDATE refresh_families SET position = 0")

    again = sessions.refresh(newest.refresh_token)

    counts(sessions, again.access_token)
    assert sessions.refresh(again.refresh_token).refresh_token != again.refresh_token


@pytest.mark.parametrize(
    "forge",
    [
        lambda token: "",
        lambda token: "nothing",
        lambda token: token[:-1],
        lambda token: token.replace(".0.", ".1."),
        lambda token: "0" * 32 + token[32:],
        lambda token: token + "\n",
        lambda token: token + "é",
    ],
)
def test_forged_refresh_tokens_are_refused_and_harm_nobody(
    sessions: Sessions, laptop: SignedIn, forge: Callable[[str], str]
) -> None:
    with pytest.raises(TokenInvalid):
        sessions.refresh(forge(laptop.refresh_token))
    assert sessions.refresh(laptop.refresh_token).email == EMAIL


def test_a_revoked_device_is_refused_at_once(
    sessions: Sessions, laptop: SignedIn, account_id: str
) -> None:
    heard: list[tuple[str, str]] = []
    sessions.on_revoked(lambda account, device: heard.append((account, device)))
    counts(sessions, laptop.access_token)

    sessions.revoke(account_id=account_id, device_id="laptop")

    with pytest.raises(DeviceRevoked):
        counts(sessions, laptop.access_token)
    with pytest.raises(DeviceRevoked):
        sessions.refresh(laptop.refresh_token)
    assert heard[0] == (account_id, "laptop")
    assert [device.revoked for device in sessions.devices(account_id)] == [True]


def test_a_revoked_device_may_sign_in_anew_but_its_old_tokens_stay_dead(
    sessions: Sessions, laptop: SignedIn, account_id: str
) -> None:
    sessions.revoke(account_id=account_id, device_id="laptop")

    anew = sign_in(sessions)

    counts(sessions, anew.access_token)
    with pytest.raises(TokenInvalid):
        counts(sessions, laptop.access_token)
    with pytest.raises(TokenInvalid):
        sessions.refresh(laptop.refresh_token)


def test_only_an_accounts_own_devices_can_be_revoked(sessions: Sessions, laptop: SignedIn) -> None:
    with pytest.raises(DeviceUnknown):
        sessions.revoke(account_id="somebody else", device_id="laptop")
    counts(sessions, laptop.access_token)


def test_signing_out_ends_both_tokens(sessions: Sessions, laptop: SignedIn) -> None:
    sessions.sign_out(sessions.read_token(laptop.access_token), laptop.refresh_token)

    with pytest.raises(TokenInvalid):
        sessions.refresh(laptop.refresh_token)
    with pytest.raises(TokenInvalid):
        counts(sessions, laptop.access_token)


def test_an_access_token_lasts_a_quarter_of_an_hour(
    sessions: Sessions, laptop: SignedIn, clock: StillClock
) -> None:
    clock.pass_seconds(LIFETIME_S - 1)
    counts(sessions, laptop.access_token)

    clock.pass_seconds(1)
    with pytest.raises(TokenExpired):
        counts(sessions, laptop.access_token)


def test_a_join_code_signs_one_device_in_once(sessions: Sessions, account_id: str) -> None:
    code = sessions.create_join_code(account_id)

    joined = sessions.join(token=code.token, device=PHONE, address="192.0.2.7")

    assert joined.account_id == account_id
    with pytest.raises(InvalidCredentials):
        sessions.join(token=code.token, device=LAPTOP, address="192.0.2.7")


def test_a_join_code_expires_after_fifteen_minutes(
    sessions: Sessions, account_id: str, clock: StillClock
) -> None:
    code = sessions.create_join_code(account_id)
    clock.pass_seconds(15 * 60)

    with pytest.raises(InvalidCredentials):
        sessions.join(token=code.token, device=PHONE, address="192.0.2.7")


def test_a_device_is_seen_at_most_once_a_minute(
    sessions: Sessions, laptop: SignedIn, account_id: str, clock: StillClock
) -> None:
    signed_in_at = clock.now_ms()
    clock.pass_seconds(30)
    counts(sessions, laptop.access_token)
    assert sessions.devices(account_id)[0].last_seen_at_ms == signed_in_at

    clock.pass_seconds(31)
    counts(sessions, laptop.access_token)
    assert sessions.devices(account_id)[0].last_seen_at_ms == clock.now_ms()
