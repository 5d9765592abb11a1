"""An account's devices. A device's `generation` is named in its access tokens: growing it ends
all tokens issued before, whatever time they have left."""

from collections.abc import Collection
from dataclasses import dataclass
from itertools import chain, count

from sqlalchemy import Connection, select, update

from dreamsync.server.accounts.schema import devices

_MOST_NAME = 100


@dataclass(frozen=True, slots=True)
class Device:
    """One computer or phone of an account; its id is chosen by the client."""

    id: str
    name: str
    created_at_ms: int
    last_seen_at_ms: int
    revoked: bool
    generation: int


def find_device(connection: Connection, *, account_id: str, device_id: str) -> Device | None:
    rows = _read(connection, account_id, device_id)
    return rows[0] if rows else None


def list_devices(connection: Connection, account_id: str) -> list[Device]:
    """All devices of the account, the oldest first, revoked ones included."""
    return _read(connection, account_id, None)


def register_device(
    connection: Connection, *, account_id: str, device_id: str, name: str, now_ms: int
) -> Device:
    """Note a sign-in: a new device, or a known one under its newest name, numbered where another
    that is not revoked has it.

    A revoked device that signs in with the password is an ordinary device again; its generation
    has grown, so nothing it held before works.
    """
    known = find_device(connection, account_id=account_id, device_id=device_id)
    others = list_devices(connection, account_id)
    name = _free_name(name, {one.name for one in others if one.id != device_id and not one.revoked})
    if known is None:
        connection.execute(
            devices.insert().values(
                account_id=account_id,
                id=device_id,
                name=name,
                created_at_ms=now_ms,
                last_seen_at_ms=now_ms,
                generation=1,
            )
        )
        return Device(device_id, name, now_ms, now_ms, revoked=False, generation=1)
    connection.execute(
        update(devices)
        .where(devices.c.account_id == account_id, devices.c.id == device_id)
        .values(name=name, last_seen_at_ms=now_ms, revoked_at_ms=None)
    )
    return Device(
        device_id, name, known.created_at_ms, now_ms, revoked=False, generation=known.generation
    )


def _free_name(wanted: str, taken: Collection[str]) -> str:
    candidates = (f"{wanted[: _MOST_NAME - 10]} ({number})" for number in count(2))
    return next(name for name in chain([wanted], candidates) if name not in taken)


def end_tokens(connection: Connection, *, account_id: str, device_id: str) -> None:
    """Every access token issued so far to the device is worthless from now on."""
    connection.execute(
        update(devices)
        .where(devices.c.account_id == account_id, devices.c.id == device_id)
        .values(generation=devices.c.generation + 1)
    )


def mark_revoked(connection: Connection, *, account_id: str, device_id: str, now_ms: int) -> None:
    connection.execute(
        update(devices)
        .where(devices.c.account_id == account_id, devices.c.id == device_id)
        .values(revoked_at_ms=now_ms, generation=devices.c.generation + 1)
    )


def note_seen(connection: Connection, *, account_id: str, device_id: str, now_ms: int) -> None:
    connection.execute(
        update(devices)
        .where(devices.c.account_id == account_id, devices.c.id == device_id)
        .values(last_seen_at_ms=now_ms)
    )


def _read(connection: Connection, account_id: str, device_id: str | None) -> list[Device]:
    query = select(devices).where(devices.c.account_id == account_id)
    if device_id is not None:
        query = query.where(devices.c.id == device_id)
    rows = connection.execute(query.order_by(devices.c.created_at_ms, devices.c.id))
    return [
        Device(
            id=row.id,
            name=row.name,
            created_at_ms=row.created_at_ms,
            last_seen_at_ms=row.last_seen_at_ms,
            revoked=row.revoked_at_ms is not None,
            generation=row.generation,
        )
        for row in rows
    ]
