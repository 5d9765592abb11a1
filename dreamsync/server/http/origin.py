"""Where clients reach this server: the base of presigned URLs and the one storage host."""

import re
from urllib.parse import urlsplit

from starlette.requests import Request

from dreamsync.server.http.problems import invalid_request

_HOST = re.compile(r"(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?\Z")
_PORTS = {"http": 80, "https": 443}


def base_url(request: Request, public_url: str | None) -> str:
    """`scheme://host[:port]` without a slash at the end: as configured, else as the client says.

    A client that lies about its host only misleads itself: the answer goes to nobody else.
    """
    if public_url is not None:
        return public_url.rstrip("/")
    host = request.headers.get("host", "")
    if not _HOST.match(host):
        raise invalid_request("The Host header is missing or no host.")
    return f"{request.url.scheme}://{host}"


def storage_host(base: str) -> str:
    """`host:port` of a base URL, the port always told."""
    parts = urlsplit(base)
    host = parts.hostname or ""
    host = f"[{host}]" if ":" in host else host
    return f"{host}:{parts.port or _PORTS[parts.scheme]}"
