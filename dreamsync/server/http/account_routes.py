"""`/auth/*`: sign in, refresh, sign out, devices, join codes."""

import re
from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from dreamsync.server.accounts.access import AccessClaims
from dreamsync.server.accounts.sessions import NewDevice, SignedIn
from dreamsync.server.http.authentication import Authenticator
from dreamsync.server.http.backend import Backend
from dreamsync.server.http.bodies import (
    MOST_ACCOUNT_BYTES,
    json_response,
    no_content,
    read_fields,
)
from dreamsync.server.http.problems import invalid_request
from dreamsync.server.http.requests import path_text
from dreamsync.server.service.clock import moment
from dreamsync.wire.fields import Fields
from dreamsync.wire.messages import Device, JoinCodeMessage, Listing, TokensMessage

_DEVICE_ID = re.compile(r"[A-Za-z0-9._:-]{1,64}\Z")
_DEVICE_NAME = re.compile(r"[^\x00-\x1f\x7f]{1,100}\Z")


class AccountRoutes:
    def __init__(self, backend: Backend, authenticator: Authenticator) -> None:
        self._sessions = backend.sessions
        self._workers = backend.workers
        self._authenticator = authenticator

    def routes(self) -> Sequence[Route]:
        signed_in = self._authenticator.signed_in
        return [
            Route("/auth/login", self._login, methods=["POST"]),
            Route("/auth/refresh", self._refresh, methods=["POST"]),
            Route("/auth/join", self._join, methods=["POST"]),
            Route("/auth/logout", signed_in(self._logout), methods=["POST"]),
            Route("/auth/devices", signed_in(self._devices), methods=["GET"]),
            Route("/auth/devices/{id}", signed_in(self._revoke), methods=["DELETE"]),
            Route("/auth/join-codes", signed_in(self._join_code), methods=["POST"]),
        ]

    async def _login(self, request: Request) -> Response:
        fields = await read_fields(request, MOST_ACCOUNT_BYTES)
        email, password = fields.text("email"), fields.text("password")
        device, address = _new_device(fields), _address(request)
        signed_in = await self._workers.hash_password(
            lambda: self._sessions.sign_in(
                email=email, password=password, device=device, address=address
            )
        )
        return _tokens(signed_in)

    async def _refresh(self, request: Request) -> Response:
        token = (await read_fields(request, MOST_ACCOUNT_BYTES)).text("refreshToken")
        return _tokens(await self._workers.write(lambda: self._sessions.refresh(token)))

    async def _join(self, request: Request) -> Response:
        fields = await read_fields(request, MOST_ACCOUNT_BYTES)
        token, device, address = fields.text("token"), _new_device(fields), _address(request)
        signed_in = await self._workers.write(
            lambda: self._sessions.join(token=token, device=device, address=address)
        )
        return _tokens(signed_in)

    async def _logout(self, request: Request, claims: AccessClaims) -> Response:
        token = (await read_fields(request, MOST_ACCOUNT_BYTES)).text_or("refreshToken", "")
        await self._workers.write(lambda: self._sessions.sign_out(claims, token))
        return no_content()

    async def _devices(self, _request: Request, claims: AccessClaims) -> Response:
        devices = await self._workers.read(lambda: self._sessions.devices(claims.account_id))
        items = tuple(
            Device(
                id=device.id,
                name=device.name,
                created_at=moment(device.created_at_ms),
                last_seen_at=moment(device.last_seen_at_ms),
                current=device.id == claims.device_id,
                revoked=device.revoked,
            ).to_json()
            for device in devices
        )
        return json_response(Listing(items).to_json())

    async def _revoke(self, request: Request, claims: AccessClaims) -> Response:
        device_id = path_text(request, "id")
        await self._workers.write(
            lambda: self._sessions.revoke(account_id=claims.account_id, device_id=device_id)
        )
        return no_content()

    async def _join_code(self, _request: Request, claims: AccessClaims) -> Response:
        code = await self._workers.write(lambda: self._sessions.create_join_code(claims.account_id))
        return json_response(JoinCodeMessage(code.token, code.expires_at).to_json(), 201)


def _tokens(signed_in: SignedIn) -> Response:
    message = TokensMessage(
        access_token=signed_in.access_token,
        refresh_token=signed_in.refresh_token,
        expires_in=signed_in.expires_in_s,
        account_id=signed_in.account_id,
        email=signed_in.email,
        device_name=signed_in.device_name,
    )
    return json_response(message.to_json())


def _new_device(fields: Fields) -> NewDevice:
    device_id = fields.text("deviceId")
    name = fields.text_or("deviceName", "") or device_id
    if not _DEVICE_ID.match(device_id):
        raise invalid_request("deviceId must be 1 to 64 letters, digits, '.', '_', ':' or '-'.")
    if not _DEVICE_NAME.match(name):
        raise invalid_request("deviceName must be 1 to 100 characters without control characters.")
    return NewDevice(device_id, name)


def _address(request: Request) -> str:
    return request.client.host if request.client is not None else "unknown"
