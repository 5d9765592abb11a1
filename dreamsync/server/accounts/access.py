"""Access tokens: JWTs (RFC 7519, RFC 8725) under HS256, 15 minutes, bound to one device.

The algorithm is pinned and the key is used for nothing else, so neither `none` nor a key of
another kind is ever accepted. Revocation is not in the token: see `sessions.py`.
"""

from dataclasses import dataclass

import jwt

from dreamsync.server.accounts.errors import TokenExpired, TokenInvalid

ISSUER = "dreamsync"
AUDIENCE = "dreamsync-sync"
LIFETIME_S = 900
_SKEW_S = 60
_ALGORITHM = "HS256"
_REQUIRED = ["iss", "aud", "exp", "iat", "sub", "device", "generation"]


@dataclass(frozen=True, slots=True)
class AccessClaims:
    """What a valid token says; `generation` must still be the device's."""

    account_id: str
    device_id: str
    generation: int
    expires_at_ms: int


class AccessTokens:
    """Issues and reads access tokens; `key` is 32 bytes; raise `ValueError` for less."""

    def __init__(self, key: bytes) -> None:
        if len(key) < 32:
            raise ValueError("a key of 32 bytes is needed")
        self._key = key

    def issue(self, *, account_id: str, device_id: str, generation: int, now_ms: int) -> str:
        issued_at = now_ms // 1000
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "iat": issued_at,
            "exp": issued_at + LIFETIME_S,
            "sub": account_id,
            "device": device_id,
            "generation": generation,
        }
        return jwt.encode(claims, self._key, algorithm=_ALGORITHM)

    def read(self, token: str, *, now_ms: int) -> AccessClaims:
        """Raise `TokenInvalid` or `TokenExpired`.

        Times are judged here by the server's own clock rather than the library's, so that tests
        may set it, and a token that claims to live longer than 15 minutes is refused.
        """
        try:
            claims = jwt.decode(
                token,
                self._key,
                algorithms=[_ALGORITHM],
                issuer=ISSUER,
                audience=AUDIENCE,
                options={
                    "require": _REQUIRED,
                    "verify_exp": False,
                    "verify_iat": False,
                    "verify_nbf": False,
                    "strict_aud": True,
                },
            )
        except (jwt.PyJWTError, ValueError, RecursionError) as error:
            raise TokenInvalid from error
        if _not_yet(claims, now_ms // 1000 + _SKEW_S):
            raise TokenInvalid
        read = _claims(claims)
        if read.expires_at_ms <= now_ms:
            raise TokenExpired
        return read


def _not_yet(claims: dict[str, object], latest_s: int) -> bool:
    """Whether the token claims to be issued or to become valid in the future."""
    return any(
        not isinstance(moment, int) or moment > latest_s
        for moment in (claims["iat"], claims.get("nbf", 0))
    )


def _claims(claims: dict[str, object]) -> AccessClaims:
    account_id, device_id = claims["sub"], claims["device"]
    issued_at, expires_at = claims["iat"], claims["exp"]
    generation = claims["generation"]
    if not (
        isinstance(account_id, str)
        and isinstance(device_id, str)
        and type(issued_at) is int
        and type(expires_at) is int
        and type(generation) is int
    ):
        raise TokenInvalid
    if not 0 < expires_at - issued_at <= LIFETIME_S:
        raise TokenInvalid
    return AccessClaims(account_id, device_id, generation, expires_at * 1000)
