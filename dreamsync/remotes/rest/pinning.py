"""TLS to a server whose certificate nobody signed: the person compared its fingerprint once.

The certificate is checked as soon as the handshake is over, before a byte of HTTP is sent.
"""

import hashlib
import hmac
import re
import socket
import ssl
from typing import NoReturn

from dreamsync.message import N_
from dreamsync.remotes.errors import InvalidAddress

_FINGERPRINT = re.compile(r"[0-9a-f]{64}")


class WrongCertificate(ssl.SSLError):
    """Another certificate than the pinned one: another server, or someone in between."""


def read_fingerprint(text: str) -> bytes:
    """The SHA-256 written as hex, with or without colons. Raise `InvalidAddress`."""
    plain = text.replace(":", "").replace(" ", "").lower()
    if _FINGERPRINT.fullmatch(plain) is None:
        raise InvalidAddress(N_("a fingerprint is the SHA-256 of the certificate: 64 hex digits"))
    return bytes.fromhex(plain)


def fingerprint_of(certificate: bytes) -> str:
    """The fingerprint of a certificate in DER, as `Connection.fingerprint` takes it."""
    return hashlib.sha256(certificate).hexdigest()


def pinned_context(fingerprint: str) -> ssl.SSLContext:
    """A client context that accepts exactly one certificate."""
    context = _PinnedContext(ssl.PROTOCOL_TLS_CLIENT)
    context.pinned = read_fingerprint(fingerprint)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


class _PinnedContext(ssl.SSLContext):
    pinned: bytes

    def wrap_socket(  # type: ignore[override]  # only the arguments httpcore gives are taken
        self, sock: socket.socket, *, server_hostname: str | None = None
    ) -> ssl.SSLSocket:
        wrapped = super().wrap_socket(sock, server_hostname=server_hostname)
        try:
            self._ensure_pinned(wrapped.getpeercert(binary_form=True))
        except WrongCertificate:
            wrapped.close()
            raise
        return wrapped

    def wrap_bio(self, *_: object, **__: object) -> NoReturn:
        raise WrongCertificate(N_("a pinned certificate cannot be checked behind an HTTPS proxy"))

    def _ensure_pinned(self, certificate: bytes | None) -> None:
        shown = hashlib.sha256(certificate or b"").digest()
        if not hmac.compare_digest(shown, self.pinned):
            raise WrongCertificate(
                N_("the server's certificate is not the one with the fingerprint")
            )
