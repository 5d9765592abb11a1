"""The REST client: `Remote` over HTTP, against our own server and against a plain one.

Owns connections, tokens, the mapping of HTTP answers to errors, and what a plain server lacks and
the client makes up for. Refuses redirects, hosts that nobody named, plain HTTP to other computers,
and every answer that is not the contract's.

Read first: `remote.py` (which dialect a server speaks), then `full.py` and `plain.py` (the two
dialects); `api.py` sends a request, `storage.py` speaks to presigned URLs, `session.py` signs in.
"""

from dreamsync.remotes.rest.connection import Connection
from dreamsync.remotes.rest.remote import RestRemote
from dreamsync.remotes.rest.tokens import Tokens, TokenStore

__all__ = ["Connection", "RestRemote", "TokenStore", "Tokens"]
