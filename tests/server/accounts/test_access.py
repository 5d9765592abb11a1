"""Forged access tokens: each is refused, whatever part of it is genuine."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from dreamsync.server.accounts.access import AUDIENCE, ISSUER, LIFETIME_S, AccessTokens
from dreamsync.server.accounts.errors import TokenExpired, TokenInvalid

pytestmark = pytest.mark.security(8)

KEY = bytes(range(32))
NOW_S = 1_800_000_000


def claims(**changed: object) -> dict[str, object]:
    genuine: dict[str, object] = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "iat": NOW_S,
        "exp": NOW_S + LIFETIME_S,
        "sub": "account",
        "device": "laptop",
        "generation": 1,
    }
    return {name: value for name, value in {**genuine, **changed}.items() if value is not ...}


def signed(*, key: bytes = KEY, algorithm: str = "HS256", **changed: object) -> Callable[[], str]:
    return lambda: jwt.encode(claims(**changed), key, algorithm=algorithm)


def unsigned(algorithm: str) -> str:
    header = _part({"alg": algorithm, "typ": "JWT"})
    return f"{header}.{_part(claims())}."


def embedded_key() -> str:
    """The header brings the key that the signature was made with."""
    key = base64.urlsafe_b64encode(b"k" * 32).decode()
    headers = {"jwk": {"kty": "oct", "k": key}, "kid": "../../../dev/null"}
    return jwt.encode(claims(), b"k" * 32, algorithm="HS256", headers=headers)


def signed_by_hand(header: dict[str, object], key: bytes) -> str:
    """What a library would refuse to sign."""
    text = f"{_part(header)}.{_part(claims())}"
    signature = hmac.new(key, text.encode(), hashlib.sha256).digest()
    return f"{text}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"


RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
RSA_PUBLIC = RSA_KEY.public_key().public_bytes(
    Encoding.PEM, PublicFormat.SubjectPublicKeyInfo
)  # fmt: skip


def tampered() -> str:
    header, _, signature = signed()().split(".")
    return f"{header}.{_part(claims(sub='somebody else'))}.{signature}"


def _part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


FORGERIES: dict[str, Callable[[], str]] = {
    "no algorithm": lambda: unsigned("none"),
    "no algorithm, in capitals": lambda: unsigned("NONE"),
    "another key": signed(key=b"another key of thirty-two bytes!"),
    "a short key": signed(key=b"secret"),
    "another algorithm under the right key": signed(key=KEY * 2, algorithm="HS512"),
    "its own key": embedded_key,
    "a key pair of its own": lambda: jwt.encode(claims(), RSA_KEY, algorithm="RS256"),
    "a public key as the secret": lambda: signed_by_hand({"alg": "HS256"}, RSA_PUBLIC),
    "RS256 in name, HS256 in fact": lambda: signed_by_hand({"alg": "RS256"}, KEY),
    "no algorithm in name, HS256 in fact": lambda: signed_by_hand({"alg": "none"}, KEY),
    "no algorithm named at all": lambda: signed_by_hand({"typ": "JWT"}, KEY),
    "an empty key, by its name": lambda: signed_by_hand({"alg": "HS256", "kid": "/dev/null"}, b""),
    "a key from the network": lambda: signed_by_hand(
        {"alg": "HS256", "jku": "http://127.0.0.1:1/keys", "x5u": "http://127.0.0.1:1/x"}, b"key"
    ),
    "an extension that must be understood": lambda: signed_by_hand(
        {"alg": "HS256", "crit": ["exp"], "exp": 0}, KEY
    ),
    "a payload that is not encoded": lambda: signed_by_hand(
        {"alg": "HS256", "b64": False, "crit": ["b64"]}, KEY
    ),
    "no signature": lambda: signed()().rpartition(".")[0] + ".",
    "another token's signature": lambda: (
        signed()().rpartition(".")[0] + "." + signed(sub="other")().rpartition(".")[2]
    ),
    "changed claims": tampered,
    "another issuer": signed(iss="somebody"),
    "another audience": signed(aud="somebody"),
    "several audiences": signed(aud=[AUDIENCE, "somebody"]),
    "no expiry": signed(exp=...),
    "no subject": signed(sub=...),
    "no device": signed(device=...),
    "no issuer": signed(iss=...),
    "a life of a day": signed(exp=NOW_S + 86_400),
    "a life without end": signed(exp=2**53),
    "an expiry in words": signed(exp="never"),
    "an expiry that is no whole number": signed(exp=NOW_S + 0.5),
    "an expiry that is true": signed(exp=True),
    "no time of issue": signed(iat=...),
    "no audience": signed(aud=...),
    "no generation": signed(generation=...),
    "a generation in words": signed(generation="1"),
    "nobody": signed(sub=None),
    "issued in the future": signed(iat=NOW_S + 600, exp=NOW_S + 1200),
    "not yet valid": signed(nbf=NOW_S + 600),
    "a device that is no text": signed(device=7),
    "no token": lambda: "",
    "two dots": lambda: "..",
    "not base64": lambda: "é.é.é",
    "encrypted, so it says": lambda: ".".join(
        [_part({"alg": "dir", "enc": "A128GCM"}), "", "", "", ""]
    ),
    "in JSON": lambda: json.dumps({"payload": _part(claims()), "signatures": []}),
    "very long": lambda: signed(extra="x" * 10_000)() + "x",
}


@pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")
@pytest.mark.parametrize("forge", FORGERIES.values(), ids=FORGERIES.keys())
def test_a_forgery_is_refused(forge: Callable[[], str]) -> None:
    with pytest.raises(TokenInvalid):
        AccessTokens(KEY).read(forge(), now_ms=NOW_S * 1000)


def test_a_genuine_token_is_read() -> None:
    read = AccessTokens(KEY).read(signed()(), now_ms=NOW_S * 1000)
    assert (read.account_id, read.device_id, read.generation) == ("account", "laptop", 1)


def test_an_expired_token_is_told_apart_only_when_genuine() -> None:
    late_ms = (NOW_S + LIFETIME_S) * 1000
    with pytest.raises(TokenExpired):
        AccessTokens(KEY).read(signed()(), now_ms=late_ms)
    with pytest.raises(TokenInvalid):
        AccessTokens(KEY).read(tampered(), now_ms=late_ms)
