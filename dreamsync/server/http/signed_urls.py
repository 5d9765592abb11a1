"""Presigned URLs: one method on one path with fixed parameters, for ten minutes.

The signature is an HMAC-SHA-256 under a key of its own over method, path and all parameters in
order, so nothing in the URL can be changed or taken to another. A URL is a bearer's secret: it is
reusable until it expires and never logged.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from dreamsync.server.http.problems import RequestRefused
from dreamsync.server.service.clock import Clock
from dreamsync.wire.problems import ProblemCode

LIFETIME_MS = 10 * 60 * 1000
_EXPIRES = "expires"
_SIGNATURE = "signature"


@dataclass(frozen=True, slots=True)
class SignedTarget:
    """Path and query, to be put behind `scheme://host`; valid until `expires_ms`."""

    target: str
    expires_ms: int


class UrlSigner:
    """`key` is 32 bytes and is used for nothing else; raise `ValueError` for less."""

    def __init__(self, key: bytes, clock: Clock) -> None:
        if len(key) < 32:
            raise ValueError("a key of 32 bytes is needed")
        self._key = key
        self._clock = clock

    def sign(self, method: str, path: str, parameters: Mapping[str, str]) -> SignedTarget:
        """A URL for `path` (not yet percent-encoded) that may be used for ten minutes."""
        expires_ms = self._clock.now_ms() + LIFETIME_MS
        signed = {**parameters, _EXPIRES: str(expires_ms)}
        signature = self._signature(method, path, signed)
        query = urlencode({**signed, _SIGNATURE: signature}, quote_via=quote)
        return SignedTarget(f"{quote(path)}?{query}", expires_ms)

    def verify(self, method: str, path: str, query: Sequence[tuple[str, str]]) -> Mapping[str, str]:
        """The parameters that were signed; raise 403 `urlInvalid` or `urlExpired`."""
        parameters = dict(query)
        given = parameters.pop(_SIGNATURE, "")
        expected = self._signature(method, path, parameters)
        genuine = hmac.compare_digest(given.encode(errors="replace"), expected.encode())
        if not genuine or len(query) != len(parameters) + 1:
            raise RequestRefused(403, "urlInvalid", "The URL is not as it was signed.")
        if int(parameters.pop(_EXPIRES)) <= self._clock.now_ms():
            raise RequestRefused(403, ProblemCode.URL_EXPIRED, "The URL has expired. Ask again.")
        return parameters

    def _signature(self, method: str, path: str, parameters: Mapping[str, str]) -> str:
        message = json.dumps([method, path, sorted(parameters.items())]).encode()
        return hmac.new(self._key, message, hashlib.sha256).hexdigest()
