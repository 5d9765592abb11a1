"""Signing in, staying signed in, and being signed out."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection

from dreamsync.server.accounts.access import LIFETIME_S, AccessClaims, AccessTokens
from dreamsync.server.accounts.device_states import DeviceStates, require_valid
from dreamsync.server.accounts.devices import (
    Device,
    end_tokens,
    find_device,
    list_devices,
    mark_revoked,
    register_device,
)
from dreamsync.server.accounts.directory import (
    Account,
    StoredAccount,
    email_key,
    email_of,
    find_account,
    set_password_hash,
)
from dreamsync.server.accounts.errors import (
    DeviceRevoked,
    DeviceUnknown,
    InvalidCredentials,
    TokenInvalid,
)
from dreamsync.server.accounts.join_codes import LIFETIME_MS as JOIN_LIFETIME_MS
from dreamsync.server.accounts.join_codes import create_join_token, end_join_tokens, use_join_token
from dreamsync.server.accounts.passwords import hash_password, verify_password
from dreamsync.server.accounts.refresh import (
    PresentedToken,
    RefreshTokens,
    Use,
    end_family,
    judge,
)
from dreamsync.server.accounts.secrets import ServerSecret
from dreamsync.server.accounts.throttle import LoginThrottle
from dreamsync.server.metadata.database import Database
from dreamsync.server.service.clock import Clock, moment

RevocationListener = Callable[[str, str], None]
"""Called with account and device once the device's tokens no longer count."""


@dataclass(frozen=True, slots=True)
class NewDevice:
    """Who signs in: the id that the client chose for itself, and its name for people."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Tokens for one device; `expires_in_s` is the access token's."""

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_in_s: int
    account_id: str
    email: str
    device_name: str


@dataclass(frozen=True, slots=True)
class JoinCode:
    token: str = field(repr=False)
    expires_at: datetime


class Sessions:
    """Safe to use from many threads; `sign_in` and `join` take some 50 ms of one core."""

    def __init__(self, database: Database, secret: ServerSecret, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._access = AccessTokens(secret.derive("access-token"))
        self._refresh = RefreshTokens(secret.derive("refresh-token"))
        self._throttle = LoginThrottle(secret.derive("login-throttle"))
        self._states = DeviceStates(database, clock)
        self._listeners: list[RevocationListener] = []

    def on_revoked(self, listener: RevocationListener) -> None:
        self._listeners.append(listener)

    def sign_in(self, *, email: str, password: str, device: NewDevice, address: str) -> SignedIn:
        """Raise `InvalidCredentials` (alike for an unknown email) or `RateLimited`.

        The attempt is charged and committed before the password is verified, outside of any
        transaction: hashing must not hold the writer.
        """
        key = email_key(email)
        with self._database.write() as connection:
            self._throttle.charge(
                connection, email_key=key, address=address, now_ms=self._clock.now_ms()
            )
            stored = find_account(connection, email)
        account = self._verify(stored, password)
        with self._database.write() as connection:
            self._throttle.give_back(connection, email_key=key, address=address)
            signed_in = self._start(connection, account.id, account.email, device)
        self._states.forget(account_id=account.id, device_id=device.id)
        return signed_in

    def join(self, *, token: str, device: NewDevice, address: str) -> SignedIn:
        """Sign in by a join code; raise `InvalidCredentials` or `RateLimited`."""
        now_ms = self._clock.now_ms()
        with self._database.write() as connection:
            self._throttle.charge(connection, email_key=None, address=address, now_ms=now_ms)
            account_id = use_join_token(connection, token, now_ms=now_ms)
            email = None if account_id is None else email_of(connection, account_id)
            signed_in = None
            if account_id is not None and email is not None:
                self._throttle.give_back(connection, email_key=None, address=address)
                signed_in = self._start(connection, account_id, email, device)
        if signed_in is None:
            raise InvalidCredentials
        self._states.forget(account_id=signed_in.account_id, device_id=device.id)
        return signed_in

    def refresh(self, token: str) -> SignedIn:
        """The next pair of tokens; raise `TokenInvalid` or `DeviceRevoked`."""
        with self._database.write() as connection:
            presented = self._refresh.find(connection, token)
            outcome = TokenInvalid() if presented is None else self._exchange(connection, presented)
        if isinstance(outcome, SignedIn):
            return outcome
        if presented is not None:
            self._announce(presented.family.account_id, presented.family.device_id)
        raise outcome

    def sign_out(self, claims: AccessClaims, refresh_token: str) -> None:
        """End the tokens of the device that holds `refresh_token`, else of the caller's own."""
        device_id = claims.device_id
        with self._database.write() as connection:
            presented = self._refresh.find(connection, refresh_token)
            if presented is not None and presented.family.account_id == claims.account_id:
                device_id = presented.family.device_id
            _end(connection, claims.account_id, device_id)
        self._announce(claims.account_id, device_id)

    def devices(self, account_id: str) -> list[Device]:
        with self._database.read() as connection:
            return list_devices(connection, account_id)

    def revoke(self, *, account_id: str, device_id: str) -> None:
        """The device's tokens end at once and its push stream closes; raise `DeviceUnknown`."""
        now_ms = self._clock.now_ms()
        with self._database.write() as connection:
            if find_device(connection, account_id=account_id, device_id=device_id) is None:
                raise DeviceUnknown
            mark_revoked(connection, account_id=account_id, device_id=device_id, now_ms=now_ms)
            end_join_tokens(connection, account_id)
            # The refresh tokens stay, so that the device hears `deviceRevoked` when it uses one.
        self._announce(account_id, device_id)

    def create_join_code(self, account_id: str) -> JoinCode:
        now_ms = self._clock.now_ms()
        with self._database.write() as connection:
            self._throttle.forget(connection, now_ms=now_ms)
            token = create_join_token(connection, account_id=account_id, now_ms=now_ms)
        return JoinCode(token, moment(now_ms + JOIN_LIFETIME_MS))

    def read_token(self, token: str) -> AccessClaims:
        """What a well-signed token says; whether it still counts, `require_counting` tells."""
        return self._access.read(token, now_ms=self._clock.now_ms())

    def counts_lately(self, claims: AccessClaims) -> bool:
        """Judge without the database: False where it must be asked (`require_counting`).

        Raise `DeviceRevoked` or `TokenInvalid`.
        """
        state = self._states.fresh(claims)
        if state is not None:
            require_valid(claims, state)
        return state is not None

    def require_counting(self, claims: AccessClaims) -> None:
        """Raise `DeviceRevoked` or `TokenInvalid` unless the token's device is still signed in."""
        require_valid(claims, self._states.fresh(claims) or self._states.load(claims))

    def _verify(self, stored: StoredAccount | None, password: str) -> Account:
        verdict = verify_password(None if stored is None else stored.password_hash, password)
        if stored is None or not verdict.correct:
            raise InvalidCredentials
        if verdict.outdated:
            with self._database.write() as connection:
                set_password_hash(
                    connection,
                    account_id=stored.account.id,
                    password_hash=hash_password(password),
                )
        return stored.account

    def _start(
        self, connection: Connection, account_id: str, email: str, device: NewDevice
    ) -> SignedIn:
        now_ms = self._clock.now_ms()
        registered = register_device(
            connection, account_id=account_id, device_id=device.id, name=device.name, now_ms=now_ms
        )
        refresh_token = self._refresh.start_family(
            connection, account_id=account_id, device_id=device.id, now_ms=now_ms
        )
        return self._pair(account_id, email, registered, refresh_token)

    def _exchange(
        self, connection: Connection, presented: PresentedToken
    ) -> SignedIn | TokenInvalid | DeviceRevoked:
        """Refusals are returned, not raised: what reuse does to the device must be committed."""
        now_ms = self._clock.now_ms()
        account_id, device_id = presented.family.account_id, presented.family.device_id
        device = find_device(connection, account_id=account_id, device_id=device_id)
        email = email_of(connection, account_id)
        if device is None or email is None:
            return TokenInvalid()
        if device.revoked:
            return DeviceRevoked()
        match judge(presented, now_ms=now_ms):
            case Use.ROTATE:
                successor = self._refresh.rotate(connection, presented, now_ms=now_ms)
            case Use.REPEAT:
                successor = self._refresh.repeat(connection, presented, now_ms=now_ms)
            case Use.EXPIRED:
                return TokenInvalid()
            case Use.REUSE:
                _end(connection, account_id, device_id)
                return TokenInvalid()
        return self._pair(account_id, email, device, successor)

    def _pair(self, account_id: str, email: str, device: Device, refresh_token: str) -> SignedIn:
        access_token = self._access.issue(
            account_id=account_id,
            device_id=device.id,
            generation=device.generation,
            now_ms=self._clock.now_ms(),
        )
        return SignedIn(access_token, refresh_token, LIFETIME_S, account_id, email, device.name)

    def _announce(self, account_id: str, device_id: str) -> None:
        self._states.forget(account_id=account_id, device_id=device_id)
        for listener in self._listeners:
            listener(account_id, device_id)


def _end(connection: Connection, account_id: str, device_id: str) -> None:
    end_family(connection, account_id=account_id, device_id=device_id)
    end_tokens(connection, account_id=account_id, device_id=device_id)
