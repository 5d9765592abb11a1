"""Whether the panel is dark, asked of the desktop over D-Bus."""

import asyncio
import os
from collections.abc import Mapping

from dbus_fast import Message, MessageType, Variant
from dbus_fast.aio import MessageBus

from dreamsync.tray.icons import Panel

_PORTAL = "org.freedesktop.portal.Desktop"
_PATIENCE_SECONDS = 3.0
_PREFERS: Mapping[object, Panel] = {1: Panel.DARK, 2: Panel.LIGHT}


async def panel_by_portal(bus: MessageBus) -> Panel:
    """As the desktop says its colours are, where it says anything."""
    if "gnome" in os.environ.get("XDG_CURRENT_DESKTOP", "").lower():
        return Panel.DARK  # whatever colour its windows have
    question = Message(
        destination=_PORTAL,
        path="/org/freedesktop/portal/desktop",
        interface="org.freedesktop.portal.Settings",
        member="Read",
        signature="ss",
        body=["org.freedesktop.appearance", "color-scheme"],
    )
    try:
        reply = await asyncio.wait_for(bus.call(question), _PATIENCE_SECONDS)
    except TimeoutError:
        return Panel.EITHER
    if reply.message_type is MessageType.ERROR:
        return Panel.EITHER
    return _PREFERS.get(_plain(reply.body[0]), Panel.EITHER)


def _plain(value: object) -> object:
    """The portal wraps its answer twice, by an old mistake that has become its interface."""
    while isinstance(value, Variant):
        value = value.value
    return value
