"""Which addresses may be spoken to: the server's own, and the storage hosts that it named.

Plain HTTP never leaves this computer. A server elsewhere cannot send the client to this computer's
own services, nor anywhere to link-local addresses (cloud metadata services live there). Names are
not resolved here: off this computer only HTTPS is spoken, so a name that resolves to such an
address would need a certificate for it.
"""

import ipaddress
import socket
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

import httpx

from dreamsync.message import N_
from dreamsync.remotes.errors import HostRefused, InvalidAddress

_DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Origin:
    """Scheme, host and port of a URL."""

    scheme: str
    host: str
    port: int

    @classmethod
    def of(cls, url: str) -> "Origin":
        """Raise `InvalidAddress` for what is no HTTP URL with a host, or carries a password."""
        try:
            parsed = httpx.URL(url)
        except (httpx.InvalidURL, ValueError) as error:
            raise InvalidAddress(N_("this is no web address")) from error
        if parsed.scheme not in _DEFAULT_PORTS or not parsed.host or parsed.userinfo:
            raise InvalidAddress(N_("an address must look like https://host or https://host:port"))
        port = parsed.port or _DEFAULT_PORTS[parsed.scheme]
        return cls(parsed.scheme, parsed.host.lower().rstrip("."), port)

    @property
    def host_and_port(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"

    @property
    def loopback(self) -> bool:
        address = _address(self.host)
        return self.host == "localhost" or (address is not None and address.is_loopback)

    @property
    def link_local(self) -> bool:
        address = _address(self.host)
        return address is not None and (address.is_link_local or address.is_unspecified)

    def ensure_private(self) -> None:
        """Raise `InvalidAddress` where tokens and files would travel in the open."""
        if self.scheme == "http" and not self.loopback:
            raise InvalidAddress(
                N_(
                    "plain HTTP is accepted on this computer only; use https://{host}",
                    host=self.host,
                )
            )


def ensure_storage_allowed(url: str, *, server: Origin, hosts: AbstractSet[str]) -> Origin:
    """The origin of a presigned URL; raise `HostRefused` where the client must not go."""
    try:
        origin = Origin.of(url)
    except InvalidAddress as error:
        raise HostRefused(N_("the server sent a download address that cannot be used")) from error
    if origin == server:
        return origin
    named = origin.host_and_port in hosts or (origin.port == 443 and origin.host in hosts)
    if not named:
        raise HostRefused(
            N_("the server pointed to {host}, which it had not named", host=origin.host)
        )
    local = origin.loopback or origin.host.endswith(".localhost")
    if origin.link_local or (local and not server.loopback):
        raise HostRefused(N_("{host} is no address that a server may point to", host=origin.host))
    if origin.scheme == "http" and not origin.loopback:
        raise HostRefused(N_("the server pointed to {host} over plain HTTP", host=origin.host))
    return origin


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return _address_in_other_words(host)
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address


def _address_in_other_words(host: str) -> ipaddress.IPv4Address | None:
    """What a system's resolver takes for an address too: `2852039166`, `0xa9fea9fe`, `127.1`."""
    try:
        return ipaddress.IPv4Address(socket.inet_aton(host))
    except (OSError, ValueError):
        return None
