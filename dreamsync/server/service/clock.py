"""Time and chance, as the service is given them."""

import secrets
import time
import uuid
from datetime import UTC, datetime
from functools import lru_cache
from typing import Protocol


class Clock(Protocol):
    def now_ms(self) -> int:
        """Milliseconds since the epoch, UTC."""
        ...


class Ids(Protocol):
    def node_id(self) -> str:
        """A fresh uuid: for nodes, spaces and uploads."""
        ...

    def token(self) -> str:
        """A fresh unguessable text: for commits and contents."""
        ...


class SystemClock:
    def now_ms(self) -> int:
        return time.time_ns() // 1_000_000


class RandomIds:
    def node_id(self) -> str:
        return str(uuid.uuid4())

    def token(self) -> str:
        return secrets.token_hex(16)


@lru_cache(maxsize=1024)
def moment(at_ms: int) -> datetime:
    return datetime.fromtimestamp(at_ms / 1000, UTC)
