"""Messages on the screen by the notification service of the session, with their buttons."""

import asyncio
import logging
from collections.abc import Callable
from typing import cast

from dbus_fast import Message, MessageType
from dbus_fast.aio import MessageBus

from dreamsync.desktop.linux_message import NAME, PATH, notify
from dreamsync.tray.actions import Action
from dreamsync.tray.notices import Kind, Notice

_log = logging.getLogger(__name__)

_CLICK = "default"
"""The action of the message itself, by the specification."""
_SIGNALS = f"type='signal',sender='{NAME}',interface='{NAME}',path='{PATH}'"


class Notifications:
    """One place on the screen for each kind. Belongs to the thread of the bus's loop."""

    def __init__(self, bus: MessageBus, on_action: Callable[[Action], None]) -> None:
        self._bus = bus
        self._on_action = on_action
        self._ids: dict[Kind, int] = {}
        self._shown: dict[int, Notice] = {}
        self._service: str | None = None
        self._listening = False
        self._turn = asyncio.Lock()
        self._resting: asyncio.Task[None] | None = None
        bus.add_message_handler(self._heard)

    async def show(self, notice: Notice) -> None:
        """Where no service is there, nothing is told: the icon and its menu say the same."""
        async with self._turn:
            await self._listen(True)
            replaces = self._ids.get(notice.kind, 0)
            reply = await self._bus.call(_notify(notice, replaces))
            if reply.message_type is MessageType.ERROR:
                _log.info("no message can be shown: %s", reply.body)
                return
            self._service = reply.sender
            self._forget(replaces)
            shown = cast("int", reply.body[0])
            self._ids[notice.kind], self._shown[shown] = shown, notice

    async def withdraw(self, kind: Kind) -> None:
        async with self._turn:
            shown = self._ids.get(kind)
            if shown is not None:
                self._forget(shown)
                await self._bus.call(_call("CloseNotification", "u", [shown]))
                await self._listen(bool(self._shown))

    def _heard(self, message: Message) -> None:
        """After what has come before it: the answer that tells a message's number may have been
        read with it, and is not yet noted."""
        if message.interface == NAME and message.message_type is MessageType.SIGNAL:
            asyncio.get_running_loop().call_soon(self._take, message)

    def _take(self, message: Message) -> None:
        """Only from the service itself: whoever else names a number must not approve anything."""
        if message.sender != self._service:
            return
        if message.member == "ActionInvoked":
            shown, key = cast("tuple[int, str]", message.body[:2])
            action = _action(self._shown.get(shown), key)
            if action is not None:
                self._on_action(action)
        elif message.member == "NotificationClosed":
            self._forget(cast("int", message.body[0]))
            self._resting = asyncio.ensure_future(self._rest())

    def _forget(self, shown: int) -> None:
        notice = self._shown.pop(shown, None)
        if notice is not None and self._ids.get(notice.kind) == shown:
            del self._ids[notice.kind]

    async def _rest(self) -> None:
        async with self._turn:
            await self._listen(bool(self._shown))

    async def _listen(self, wanted: bool) -> None:
        """Only while a message is there: those of other programs would wake us, too."""
        if self._listening != wanted:
            self._listening = wanted
            await self._bus.call(_to_bus("AddMatch" if wanted else "RemoveMatch"))


def _notify(notice: Notice, replaces: int) -> Message:
    return notify(
        notice.title,
        notice.text,
        _actions(notice),
        replaces=replaces,
        urgent=notice.needs_answer,
    )


def _actions(notice: Notice) -> list[str]:
    """Keys and labels in turn."""
    keyed = [(str(number), button.label) for number, button in enumerate(notice.buttons)]
    if notice.click is not None:
        keyed.append((_CLICK, notice.click.label))
    return [text for pair in keyed for text in pair]


def _action(notice: Notice | None, key: str) -> Action | None:
    if notice is None:
        return None
    if key == _CLICK:
        return notice.click.action if notice.click else None
    named = key.isdigit() and int(key) < len(notice.buttons)
    return notice.buttons[int(key)].action if named else None


def _call(member: str, signature: str, body: list[object]) -> Message:
    return Message(
        destination=NAME,
        path=PATH,
        interface=NAME,
        member=member,
        signature=signature,
        body=body,
    )


def _to_bus(member: str) -> Message:
    return Message(
        destination="org.freedesktop.DBus",
        path="/org/freedesktop/DBus",
        interface="org.freedesktop.DBus",
        member=member,
        signature="s",
        body=[_SIGNALS],
    )
