"""A notification service made of D-Bus alone: it notes what it is to show, and presses buttons."""

import asyncio
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated, TypeVar

from dbus_fast import Variant
from dbus_fast.aio import MessageBus
from dbus_fast.annotations import DBusInt32, DBusSignature, DBusStr, DBusUInt32
from dbus_fast.service import ServiceInterface, dbus_method, dbus_signal

from tests.support.e2e import wait_until

_NAME = "org.freedesktop.Notifications"

T = TypeVar("T")


@dataclass(frozen=True)
class Shown:
    """One message as it was asked for; `buttons` are labels by their keys."""

    number: int
    replaced: bool
    title: str
    text: str
    buttons: dict[str, str]
    urgency: int


class NotificationService:
    """On the bus at `address`. `told` is every message ever, `open` what is on the screen."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._loop = asyncio.new_event_loop()
        self._service = _Service()
        self._bus: MessageBus | None = None
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    @property
    def told(self) -> list[Shown]:
        return self._service.told

    @property
    def open(self) -> dict[int, Shown]:
        return self._service.open

    def wait_for(self, title: str) -> Shown:
        """The newest message with that in its title, once it is on the screen."""

        def found() -> Shown | None:
            fitting = [one for one in list(self.open.values()) if title in one.title]
            return fitting[-1] if fitting else None

        return wait_until(found, f"a message {title!r} among {self.told}", seconds=40)

    def press(self, shown: Shown, label: str) -> None:
        """As services do: the action is told, then that the message is closed."""
        key = next(key for key, text in shown.buttons.items() if text == label)
        self._loop.call_soon_threadsafe(self._service.press, shown.number, key)

    def press_at_once(self, label: str) -> None:
        """From now on, before whoever sent the message can have heard of its number."""
        self._service.quick = label

    def start(self) -> None:
        self._thread.start()
        self._do(self._connect())

    def close(self) -> None:
        self._do(self._disconnect())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _connect(self) -> None:
        self._bus = await MessageBus(bus_address=self._address).connect()
        self._bus.export("/org/freedesktop/Notifications", self._service)
        await self._bus.request_name(_NAME)

    async def _disconnect(self) -> None:
        assert self._bus is not None
        self._bus.disconnect()
        await self._bus.wait_for_disconnect()  # type: ignore[no-untyped-call]

    def _do(self, work: Coroutine[object, object, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(20)


@contextmanager
def notification_service(address: str) -> Iterator[NotificationService]:
    one = NotificationService(address)
    one.start()
    try:
        yield one
    finally:
        one.close()


class _Service(ServiceInterface):
    def __init__(self) -> None:
        super().__init__(_NAME)
        self.told: list[Shown] = []
        self.open: dict[int, Shown] = {}
        self.quick = ""

    @dbus_method()
    def Notify(  # noqa: N802
        self,
        _program: DBusStr,
        replaces: DBusUInt32,
        _icon: DBusStr,
        title: DBusStr,
        text: DBusStr,
        actions: Annotated[list[str], DBusSignature("as")],
        hints: Annotated[dict[str, Variant], DBusSignature("a{sv}")],
        _timeout: DBusInt32,
    ) -> DBusUInt32:
        number = replaces or 1 + len(self.told)
        buttons = dict(zip(actions[::2], actions[1::2], strict=True))
        urgency = hints["urgency"].value if "urgency" in hints else 1
        shown = Shown(number, replaces in self.open, title, text, buttons, urgency)
        self.told.append(shown)
        self.open[number] = shown
        for key, label in buttons.items():
            if label == self.quick:
                asyncio.get_running_loop().call_soon(self.press, number, key)
        return number

    @dbus_method()
    def CloseNotification(self, number: DBusUInt32) -> None:  # noqa: N802
        if self.open.pop(number, None) is not None:
            self.NotificationClosed(number, 3)

    @dbus_method()
    def GetCapabilities(self) -> Annotated[list[str], DBusSignature("as")]:  # noqa: N802
        return ["body", "actions", "body-markup"]

    @dbus_signal()
    def ActionInvoked(  # noqa: N802
        self, number: DBusUInt32, key: DBusStr
    ) -> Annotated[list[object], DBusSignature("us")]:
        return [number, key]

    @dbus_signal()
    def NotificationClosed(  # noqa: N802
        self, number: DBusUInt32, reason: DBusUInt32
    ) -> Annotated[list[object], DBusSignature("uu")]:
        return [number, reason]

    def press(self, number: int, key: str) -> None:
        self.ActionInvoked(number, key)
        if self.open.pop(number, None) is not None:
            self.NotificationClosed(number, 2)
