"""A panel made of D-Bus alone: it takes one tray icon, reads its menu and clicks in it.

Also a file manager that only notes what it was to show.
"""

import asyncio
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated, TypeVar, cast

from dbus_fast import Message, MessageType, PropertyAccess, Variant
from dbus_fast.aio import MessageBus
from dbus_fast.annotations import DBusBool, DBusInt32, DBusSignature, DBusStr
from dbus_fast.service import ServiceInterface, dbus_method, dbus_property, dbus_signal

from tests.support.e2e import wait_until

WATCHER = "org.kde.StatusNotifierWatcher"
FILE_MANAGER = "org.freedesktop.FileManager1"
_ITEM = "org.kde.StatusNotifierItem"
_MENU = "com.canonical.dbusmenu"

T = TypeVar("T")


@dataclass(frozen=True)
class Line:
    """One line of the menu as a panel gets it."""

    id: int
    label: str
    enabled: bool
    separator: bool
    lines: "tuple[Line, ...]"

    def all(self) -> "Iterator[Line]":
        yield self
        for line in self.lines:
            yield from line.all()


class TrayHost:
    """Owns the names of a panel's watcher and of a file manager on the bus at `address`."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._loop = asyncio.new_event_loop()
        self._watcher = _Watcher()
        self._files = _FileManager()
        self._bus: MessageBus | None = None
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    @property
    def shown_files(self) -> list[str]:
        return self._files.shown

    @property
    def registrations(self) -> int:
        return self._watcher.registrations

    @property
    def signals(self) -> list[str]:
        """Members of all signals that came from the icon."""
        return self._watcher.signals

    def do(self, work: Coroutine[object, object, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(20)

    def has_icon(self) -> bool:
        return self._watcher.service != ""

    def property(self, name: str) -> object:
        (value,) = self._ask(
            "/StatusNotifierItem", "org.freedesktop.DBus.Properties", "Get", "ss", [_ITEM, name]
        )
        assert isinstance(value, Variant)
        return value.value

    def tooltip(self) -> str:
        shown = cast("list[object]", self.property("ToolTip"))
        return f"{shown[2]}\n{shown[3]}"

    def menu(self) -> Line:
        _revision, layout = self._ask("/MenuBar", _MENU, "GetLayout", "iias", [0, -1, []])
        return _line(layout)

    def labels(self) -> list[str]:
        return [line.label for line in self.menu().all() if line.label]

    def find(self, label: str) -> Line:
        """The line with that text in it, once it is there."""

        def found() -> Line | None:
            return next((line for line in self.menu().all() if label in line.label), None)

        return wait_until(found, f"a menu line with {label!r}", seconds=20)

    def click(self, label: str) -> None:
        self.click_number(self.find(label).id)

    def click_number(self, number: int) -> None:
        event = [number, "clicked", Variant("i", 0), 0]
        self._ask("/MenuBar", _MENU, "Event", "isvu", event)

    def activate(self) -> None:
        self._ask("/StatusNotifierItem", _ITEM, "Activate", "ii", [0, 0])

    def start(self) -> None:
        self._thread.start()
        self.do(self._connect())

    def close(self) -> None:
        self.do(self._disconnect())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def vanish(self) -> None:
        """As a panel that ends."""
        self._watcher.service = ""
        self.do(self._release())

    def appear(self) -> None:
        self.do(self._claim())

    def _ask(
        self, path: str, interface: str, member: str, signature: str, body: list[object]
    ) -> list[object]:
        return self.do(self._call(path, interface, member, signature, body))

    async def _call(
        self, path: str, interface: str, member: str, signature: str, body: list[object]
    ) -> list[object]:
        assert self._bus is not None
        reply = await self._bus.call(
            Message(
                destination=self._watcher.service,
                path=path,
                interface=interface,
                member=member,
                signature=signature,
                body=body,
            )
        )
        assert reply.message_type is not MessageType.ERROR, reply.body
        return list(reply.body)

    async def _connect(self) -> None:
        self._bus = await MessageBus(bus_address=self._address).connect()
        self._bus.export("/StatusNotifierWatcher", self._watcher)
        self._bus.export("/org/freedesktop/FileManager1", self._files)
        self._bus.add_message_handler(self._watcher.note)
        await self._bus.call(
            Message(
                destination="org.freedesktop.DBus",
                path="/org/freedesktop/DBus",
                interface="org.freedesktop.DBus",
                member="AddMatch",
                signature="s",
                body=[f"type='signal',interface='{_ITEM}'"],
            )
        )
        await self._bus.request_name(FILE_MANAGER)

    async def _claim(self) -> None:
        assert self._bus is not None
        await self._bus.request_name(WATCHER)

    async def _release(self) -> None:
        assert self._bus is not None
        await self._bus.release_name(WATCHER)

    async def _disconnect(self) -> None:
        assert self._bus is not None
        self._bus.disconnect()
        await self._bus.wait_for_disconnect()  # type: ignore[no-untyped-call]


class _Watcher(ServiceInterface):
    def __init__(self) -> None:
        super().__init__(WATCHER)
        self.service = ""
        self.registrations = 0
        self.signals: list[str] = []

    def note(self, message: Message) -> bool:
        if message.message_type is MessageType.METHOD_CALL and (
            message.member == "RegisterStatusNotifierItem"
        ):
            self.service = str(message.sender)
            self.registrations += 1
        if message.message_type is MessageType.SIGNAL and message.interface == _ITEM:
            self.signals.append(str(message.member))
        return False

    @dbus_method()
    def RegisterStatusNotifierItem(self, _service: DBusStr) -> None:  # noqa: N802
        """`note` has seen who calls."""

    @dbus_property(access=PropertyAccess.READ)
    def IsStatusNotifierHostRegistered(self) -> DBusBool:  # noqa: N802
        return True

    @dbus_property(access=PropertyAccess.READ)
    def ProtocolVersion(self) -> DBusInt32:  # noqa: N802
        return 0

    @dbus_signal()
    def StatusNotifierHostRegistered(self) -> None:  # noqa: N802
        """Nobody asks for it."""


class _FileManager(ServiceInterface):
    def __init__(self) -> None:
        super().__init__(FILE_MANAGER)
        self.shown: list[str] = []

    @dbus_method()
    def ShowItems(  # noqa: N802
        self, uris: Annotated[list[str], DBusSignature("as")], _startup: DBusStr
    ) -> None:
        self.shown.extend(uris)


def _line(layout: object) -> Line:
    number, properties, below = cast("tuple[int, dict[str, Variant], list[Variant]]", layout)
    plain = {name: value.value for name, value in properties.items()}
    return Line(
        number,
        str(plain.get("label", "")).replace("__", "_"),
        bool(plain.get("enabled", True)),
        plain.get("type") == "separator",
        tuple(_line(one.value) for one in below),
    )


@contextmanager
def tray_host(address: str, *, there: bool = True) -> Iterator[TrayHost]:
    """`there`: whether the panel runs from the beginning."""
    host = TrayHost(address)
    host.start()
    try:
        if there:
            host.appear()
        yield host
    finally:
        host.close()
