"""From a request to its `Caller`: the bearer token, its device, the space it speaks of."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response

from dreamsync.server.accounts.access import AccessClaims
from dreamsync.server.accounts.errors import TokenInvalid
from dreamsync.server.http.backend import Backend
from dreamsync.server.service import Caller

Endpoint = Callable[[Request], Awaitable[Response]]
SignedInEndpoint = Callable[[Request, AccessClaims], Awaitable[Response]]
SpaceEndpoint = Callable[[Request, Caller], Awaitable[Response]]

_SPACE_FRESH_FOR_MS = 5_000
_MOST_SPACES_KEPT = 10_000


class Authenticator:
    """Guards endpoints; raises `TokenRefused` (401) or the service's `NotFound` (404)."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._spaces: dict[tuple[str, str | None], tuple[str, int]] = {}

    def signed_in(self, endpoint: SignedInEndpoint) -> Endpoint:
        """Give the endpoint the token's claims."""

        async def guarded(request: Request) -> Response:
            return await endpoint(request, await self.claims(request))

        return guarded

    def member(self, endpoint: SpaceEndpoint) -> Endpoint:
        """Give the endpoint a `Caller` of the space named by `Sync-Space`, else his own."""

        async def guarded(request: Request) -> Response:
            claims = await self.claims(request)
            return await endpoint(request, await self.caller(request, claims))

        return guarded

    async def claims(self, request: Request) -> AccessClaims:
        claims = self._backend.sessions.read_token(_bearer(request))
        await self.check(claims)
        request.state.device_id = claims.device_id
        request.state.claims = claims
        return claims

    async def check(self, claims: AccessClaims) -> None:
        """Raise `TokenRefused` unless the token's device is still signed in."""
        sessions = self._backend.sessions
        if not sessions.counts_lately(claims):
            await self._backend.workers.read(lambda: sessions.require_counting(claims))

    async def caller(self, request: Request, claims: AccessClaims) -> Caller:
        space_id = await self._space(claims.account_id, request.headers.get("sync-space"))
        return Caller(claims.account_id, space_id, claims.device_id)

    async def _space(self, account_id: str, wanted: str | None) -> str:
        """The membership found, trusted for a few seconds as the device's state is."""
        now_ms = self._backend.clock.now_ms()
        known = self._spaces.get((account_id, wanted))
        if known is not None and now_ms - known[1] < _SPACE_FRESH_FOR_MS:
            return known[0]
        spaces = self._backend.service.spaces
        head = await self._backend.workers.read(lambda: spaces.resolve(account_id, wanted))
        if len(self._spaces) >= _MOST_SPACES_KEPT:
            self._spaces.clear()
        self._spaces[account_id, wanted] = (head.space_id, now_ms)
        return head.space_id


def claims_of(request: Request) -> AccessClaims:
    """What an endpoint that was guarded was let in by."""
    claims: AccessClaims = request.state.claims
    return claims


def _bearer(request: Request) -> str:
    headers = request.headers.getlist("authorization")
    if len(headers) != 1:
        raise TokenInvalid
    scheme, _, token = headers[0].partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise TokenInvalid
    return token.strip()
