"""One message to the person, by the notification service of a Linux desktop."""

import asyncio
import html
import pathlib

from dbus_fast import Message, MessageType, Variant
from dbus_fast.aio import MessageBus
from dbus_fast.errors import AuthError, InvalidAddressError

NAME = "org.freedesktop.Notifications"
PATH = "/org/freedesktop/Notifications"
_PATIENCE_SECONDS = 5.0
_PICTURES = pathlib.Path(__file__).with_name("file_manager") / "pictures"
_ICON = (_PICTURES / "dreamsync-folder.svg").as_uri()
"""A file and no name: what a theme does not have is shown as broken."""


def show_message(title: str, text: str) -> bool:
    """Without buttons, and without waiting until it was read; False where there is no service."""
    try:
        return asyncio.run(asyncio.wait_for(_show(title, text), _PATIENCE_SECONDS))
    except (OSError, TimeoutError, AuthError, InvalidAddressError):
        return False


def notify(
    title: str, text: str, actions: list[str], *, replaces: int = 0, urgent: bool = False
) -> Message:
    """The call that shows it. `text` is plain: services read markup in it. `actions` are keys and
    labels in turn. One that is `urgent` stays until it is answered."""
    hints = {"urgency": Variant("y", 2 if urgent else 1)}
    escaped = html.escape(text, quote=False)
    return Message(
        destination=NAME,
        path=PATH,
        interface=NAME,
        member="Notify",
        signature="susssasa{sv}i",
        body=["dreamsync", replaces, _ICON, title, escaped, actions, hints, -1],
    )


async def _show(title: str, text: str) -> bool:
    bus = await MessageBus().connect()
    try:
        reply = await bus.call(notify(title, text, []))
    finally:
        bus.disconnect()
    return reply.message_type is not MessageType.ERROR
