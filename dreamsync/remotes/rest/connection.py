"""Connection settings, and the HTTP clients made of them.

Environment variables (`HTTPS_PROXY`, `SSL_CERT_FILE`, `.netrc`) are not read: the configuration
names proxy and CA. Redirects are never followed. httpx logs whole URLs and httpcore logs headers,
so both are silenced for good: presigned URLs and tokens must not reach a log.
"""

import logging
import ssl
from dataclasses import dataclass, field

import httpcore
import httpx

from dreamsync import __version__
from dreamsync.message import N_
from dreamsync.remotes.errors import InvalidAddress
from dreamsync.remotes.rest.addresses import Origin
from dreamsync.remotes.rest.pinning import pinned_context, read_fingerprint

for _name in ("httpx", "httpcore"):
    logging.getLogger(_name).setLevel(logging.CRITICAL)

httpcore.HTTP11Connection.READ_NUM_BYTES = 512 * 1024
"""Its 64 KiB cost a download more processor time than all that is done with the bytes."""

_LIMITS = httpx.Limits(max_connections=32, max_keepalive_connections=16, keepalive_expiry=4.0)
"""Idle connections are dropped before a server's usual five seconds, not in a race with them."""


@dataclass(frozen=True, slots=True)
class Connection:
    """How to reach one server.

    `fingerprint` is the SHA-256 of the server's certificate in hex (colons allowed): with it that
    certificate alone is accepted, whoever signed it. `storage_hosts` (host:port) are allowed for
    presigned URLs besides those that the server names; a plain server names none.
    Raises `InvalidAddress` for a URL that must not be used.
    """

    url: str
    ca_file: str | None = None
    proxy: str | None = field(default=None, repr=False)
    fingerprint: str | None = None
    storage_hosts: frozenset[str] = frozenset()
    connect_timeout_s: float = 10.0
    read_timeout_s: float = 60.0
    events_timeout_s: float = 45.0

    def __post_init__(self) -> None:
        self.origin.ensure_private()
        if self.fingerprint is not None:
            read_fingerprint(self.fingerprint)

    @property
    def origin(self) -> Origin:
        return Origin.of(self.url)

    def server_client(self) -> httpx.Client:
        """For the server itself, and for presigned URLs on its own host and port."""
        if self.fingerprint is not None:
            return self._client(pinned_context(self.fingerprint))
        if self.origin.scheme == "http":
            # No CA is loaded, which takes a while: this client will never speak TLS.
            return self._client(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
        return self._client(self._verifying_context())

    def storage_client(self) -> httpx.Client:
        """For other storage hosts: their certificates are verified, never pinned."""
        return self._client(self._verifying_context())

    def _verifying_context(self) -> ssl.SSLContext:
        """The CAs that httpx brings, those of the system (a company's own), and ours."""
        context = httpx.create_ssl_context(trust_env=False)
        context.load_default_certs()
        if self.ca_file is not None:
            try:
                context.load_verify_locations(self.ca_file)
            except (OSError, ssl.SSLError) as error:
                raise InvalidAddress(
                    N_("{ca_file} is no file of CA certificates", ca_file=self.ca_file)
                ) from error
        return context

    def _client(self, context: ssl.SSLContext) -> httpx.Client:
        try:
            return httpx.Client(
                verify=context,
                proxy=None if self.origin.loopback else self.proxy,
                timeout=httpx.Timeout(self.read_timeout_s, connect=self.connect_timeout_s),
                limits=_LIMITS,
                follow_redirects=False,
                trust_env=False,
                headers={"User-Agent": f"dreamsync/{__version__}"},
            )
        except ValueError as error:
            raise InvalidAddress(N_("the proxy's address cannot be used")) from error
