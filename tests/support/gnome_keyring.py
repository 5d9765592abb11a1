"""A real gnome-keyring on a session bus of a test's own: locked, unlocked, or not there."""

import asyncio
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from dbus_fast import Message, MessageType, Variant
from dbus_fast.aio import MessageBus

from tests.support.e2e import wait_until
from tests.support.session_bus import need_programs, session_bus

_PASSWORD = b"opens the keyring"
_OF_GNOME = "org.gnome.keyring.InternalUnsupportedGuiltRiddenInterface"


@dataclass
class Desktop:
    """`environment` is what programs of this session need."""

    environment: dict[str, str]

    def unlock(self) -> None:
        """As a person does who types the password somewhere else."""
        asyncio.run(_unlock(self.environment["DBUS_SESSION_BUS_ADDRESS"]))


@contextmanager
def desktop_with_keyring(
    environment: Mapping[str, str], folder: Path, *, locked: bool
) -> Iterator[Desktop]:
    """A session that begins. What sessions before have put into the keyring is in it; the first
    makes it, and so must not be locked."""
    need_programs("gnome-keyring-daemon")
    runtime = folder / "run"
    runtime.mkdir(mode=0o700, parents=True, exist_ok=True)
    own = {**environment, "XDG_RUNTIME_DIR": str(runtime)}
    with session_bus(own) as address:
        own["DBUS_SESSION_BUS_ADDRESS"] = address
        keyring = subprocess.Popen(
            ["gnome-keyring-daemon", "--foreground", "--components=secrets"]
            + ([] if locked else ["--unlock"]),
            env=own, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            assert keyring.stdin is not None
            with keyring.stdin as typed:
                typed.write(b"" if locked else _PASSWORD)
            wait_until((runtime / "keyring" / "control").exists, "the keyring")
            yield Desktop(own)
        finally:
            keyring.terminate()
            keyring.wait()


async def _unlock(address: str) -> None:
    """By the interface that only gnome-keyring has, for the programs of its own desktop."""
    bus = await MessageBus(bus_address=address).connect()
    try:
        _, session = await _ask(
            bus, "org.freedesktop.Secret.Service", "OpenSession", "sv", ["plain", Variant("s", "")]
        )
        secret = [session, b"", _PASSWORD, "text/plain"]
        body = ["/org/freedesktop/secrets/collection/login", secret]
        await _ask(bus, _OF_GNOME, "UnlockWithMasterPassword", "o(oayays)", body)
    finally:
        bus.disconnect()


async def _ask(
    bus: MessageBus, interface: str, member: str, signature: str, body: Sequence[object]
) -> list[object]:
    reply = await bus.call(
        Message(
            destination="org.freedesktop.secrets", path="/org/freedesktop/secrets",
            interface=interface, member=member, signature=signature, body=list(body),
        )
    )  # fmt: skip
    assert reply.message_type is MessageType.METHOD_RETURN, reply.body
    return list(reply.body)
