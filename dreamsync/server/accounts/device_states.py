"""Whether a device's access tokens still count: read from the database, kept for a few seconds.

Every request asks. This process's own revocations take effect at once (`forget`); those of
another process (`serve-user remove` beside a running server) within `FRESH_FOR_MS`.
"""

from dataclasses import dataclass
from threading import Lock

from dreamsync.server.accounts.access import AccessClaims
from dreamsync.server.accounts.devices import find_device, note_seen
from dreamsync.server.accounts.errors import DeviceRevoked, TokenInvalid
from dreamsync.server.metadata.database import Database
from dreamsync.server.service.clock import Clock

FRESH_FOR_MS = 5_000
SEEN_EVERY_MS = 60_000
_MOST_KEPT = 10_000


@dataclass(frozen=True, slots=True)
class DeviceState:
    """`generation` None: there is no such device (its account was removed)."""

    generation: int | None
    revoked: bool
    read_at_ms: int


class DeviceStates:
    """Safe to use from many threads."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._states: dict[tuple[str, str], DeviceState] = {}
        self._forgotten = 0
        self._lock = Lock()

    def fresh(self, claims: AccessClaims) -> DeviceState | None:
        """The state if it was read a moment ago; never touches the database."""
        state = self._states.get((claims.account_id, claims.device_id))
        if state is None or self._clock.now_ms() - state.read_at_ms >= FRESH_FOR_MS:
            return None
        return state

    def load(self, claims: AccessClaims) -> DeviceState:
        """Read the state, and note at most once a minute that the device was seen."""
        forgotten_before = self._forgotten
        now_ms = self._clock.now_ms()
        key = (claims.account_id, claims.device_id)
        with self._database.read() as connection:
            device = find_device(connection, account_id=key[0], device_id=key[1])
        if device is None:
            state = DeviceState(None, revoked=False, read_at_ms=now_ms)
        else:
            state = DeviceState(device.generation, device.revoked, now_ms)
            if not device.revoked and now_ms - device.last_seen_at_ms >= SEEN_EVERY_MS:
                self._note_seen(key, now_ms)
        with self._lock:
            # A revocation that was committed after our read must not be hidden by it.
            if self._forgotten == forgotten_before:
                if len(self._states) >= _MOST_KEPT:
                    self._states.clear()
                self._states[key] = state
        return state

    def forget(self, *, account_id: str, device_id: str) -> None:
        """Call after the commit that changed the device."""
        with self._lock:
            self._forgotten += 1
            self._states.pop((account_id, device_id), None)

    def _note_seen(self, key: tuple[str, str], now_ms: int) -> None:
        with self._database.write() as connection:
            note_seen(connection, account_id=key[0], device_id=key[1], now_ms=now_ms)


def require_valid(claims: AccessClaims, state: DeviceState) -> None:
    """Raise `DeviceRevoked` or `TokenInvalid` unless the token still counts."""
    if state.revoked:
        raise DeviceRevoked
    if state.generation != claims.generation:
        raise TokenInvalid
