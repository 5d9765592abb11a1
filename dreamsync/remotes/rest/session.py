"""Signing in and out, joining, the list of devices: what the command line asks of an account."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from dreamsync.message import N_
from dreamsync.remotes.errors import RemoteError, SignedOut
from dreamsync.remotes.rest.api import Api, Request, path_of
from dreamsync.remotes.rest.connection import Connection
from dreamsync.remotes.rest.tokens import Tokens, TokenStore
from dreamsync.wire.messages import Device, JoinCodeMessage, Listing, TokensMessage


@dataclass(frozen=True, slots=True)
class SignedIn:
    """What signing in gives; the caller puts `tokens` into the token store. `device_name` is what
    the server calls this device: where another one has the name, it is another than was asked."""

    tokens: Tokens
    account_id: str
    email: str
    device_name: str


def login(
    connection: Connection,
    *,
    email: str,
    password: str,
    device_id: str,
    device_name: str,
    now: Callable[[], float] = time.time,
) -> SignedIn:
    """Raises `SignedOut` for a wrong email or password, `Throttled` after too many tries."""
    body = {
        "email": email,
        "password": password,
        "deviceId": device_id,
        "deviceName": device_name,
    }
    return _sign_in(connection, "auth/login", body, now)


def join(
    connection: Connection,
    *,
    token: str,
    device_id: str,
    device_name: str,
    now: Callable[[], float] = time.time,
) -> SignedIn:
    """Sign in with a one-time token of `join_code`. Raises `SignedOut` where it is used up."""
    body = {"token": token, "deviceId": device_id, "deviceName": device_name}
    return _sign_in(connection, "auth/join", body, now)


def logout(connection: Connection, store: TokenStore) -> None:
    """End this device's tokens on the server, if it can be reached, and remove them here."""
    tokens = store.load()
    store.save(None)
    if tokens is None:
        return
    try:
        with _api(connection, _Fixed(tokens)) as api:
            body = {"refreshToken": tokens.refresh}
            api.send(Request.of_json("POST", "auth/logout", body))
    except RemoteError:
        return


def devices(connection: Connection, store: TokenStore) -> Sequence[Device]:
    """The account's devices, this one marked as current."""
    with _api(connection, store) as api:
        return api.ask(Request("GET", "auth/devices"), _device_list)


def revoke(connection: Connection, store: TokenStore, device_id: str) -> None:
    """End another device's access. Raises `NotFound`."""
    with _api(connection, store) as api:
        api.send(Request("DELETE", path_of("auth", "devices", device_id)))


def join_code(connection: Connection, store: TokenStore) -> JoinCodeMessage:
    """A token with which one more device may sign in, once, within minutes."""
    with _api(connection, store) as api:
        return api.ask(Request("POST", "auth/join-codes"), JoinCodeMessage.parse)


def _sign_in(
    connection: Connection,
    path: str,
    body: Mapping[str, object],
    now: Callable[[], float],
) -> SignedIn:
    with _api(connection, None, now) as api:
        message = api.ask_unsigned(Request.of_json("POST", path, body), TokensMessage.parse)
        name = message.device_name or str(body["deviceName"])
        return SignedIn(api.tokens_of(message), message.account_id, message.email, name)


@contextmanager
def _api(
    connection: Connection, store: TokenStore | None, now: Callable[[], float] = time.time
) -> Iterator[Api]:
    api = Api(connection, store, now=now)
    try:
        yield api
    finally:
        api.close()


def _device_list(value: object) -> Sequence[Device]:
    return [Device.parse(item) for item in Listing.parse(value).items]


class _Fixed:
    """Tokens that are about to end: they are used as they are, and never renewed."""

    def __init__(self, tokens: Tokens) -> None:
        self._tokens = tokens

    def load(self) -> Tokens:
        return self._tokens

    def save(self, tokens: Tokens | None) -> None:
        raise SignedOut(N_("this device is signing out"))
