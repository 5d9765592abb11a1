"""The file manager of a Linux desktop, over D-Bus: whichever it is, it answers to one name."""

import asyncio
import pathlib

from dbus_fast import Message, MessageType
from dbus_fast.aio import MessageBus
from dbus_fast.errors import AuthError, InvalidAddressError

_NAME = "org.freedesktop.FileManager1"
_PATIENCE_SECONDS = 10.0


def show_items(path: str) -> bool:
    """Open the folder of `path` with it marked; False where no file manager answers."""
    try:
        return asyncio.run(asyncio.wait_for(_show(path), _PATIENCE_SECONDS))
    except (OSError, TimeoutError, AuthError, InvalidAddressError):
        return False


async def _show(path: str) -> bool:
    bus = await MessageBus().connect()
    try:
        reply = await bus.call(
            Message(
                destination=_NAME,
                path="/org/freedesktop/FileManager1",
                interface=_NAME,
                member="ShowItems",
                signature="ass",
                body=[[pathlib.Path(path).as_uri()], ""],
            )
        )
    finally:
        bus.disconnect()
    return reply.message_type is not MessageType.ERROR
