"""UPower, NetworkManager and logind, asked and heard on the system bus.

Whichever of them is missing tells nothing; when it appears, or starts again, it is asked anew.
"""

import asyncio
import contextlib
import logging
import threading
from collections.abc import Coroutine

from dbus_fast import BusType, Message, MessageFlag, MessageType, Variant
from dbus_fast.aio import MessageBus
from dbus_fast.errors import AuthError, InvalidAddressError

from dreamsync.desktop.circumstances.watch import (
    Circumstances,
    Disturbance,
    OnCircumstances,
    OnDisturbance,
)

_log = logging.getLogger(__name__)

_BUS = "org.freedesktop.DBus"
_PROPERTIES = "org.freedesktop.DBus.Properties"
_UPOWER = "org.freedesktop.UPower"
_NETWORK_MANAGER = "org.freedesktop.NetworkManager"
_LOGIN = "org.freedesktop.login1"
_PLACES = {
    _UPOWER: "/org/freedesktop/UPower",
    _NETWORK_MANAGER: "/org/freedesktop/NetworkManager",
    _LOGIN: "/org/freedesktop/login1",
}
_ASKED = {_UPOWER: "OnBattery", _NETWORK_MANAGER: "Metered"}
_METERED = {1: True, 2: False, 3: True, 4: False}
"""NetworkManager's numbers: yes, no, probably, probably not; 0 is unknown."""
_BETWEEN_CONNECTS = 60.0


class BusWatch:
    """Implements `Watch`, with a loop in a thread of its own, through restarts of the bus."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ended = asyncio.Event()
        self._stopped = False
        self._thread: threading.Thread | None = None

    def start(self, on_circumstances: OnCircumstances, on_disturbance: OnDisturbance) -> None:
        ear = _Ear(on_circumstances, on_disturbance)
        self._thread = threading.Thread(
            target=lambda: asyncio.run(self._main(ear)), name="circumstances", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        with self._guard:
            self._stopped = True
            if self._loop is not None:
                self._loop.call_soon_threadsafe(self._ended.set)
        if self._thread is not None:
            self._thread.join(5.0)

    async def _main(self, ear: "_Ear") -> None:
        with self._guard:
            if self._stopped:
                return
            self._loop = asyncio.get_running_loop()
        listening = asyncio.create_task(ear.listen())
        try:
            await self._ended.wait()
        finally:
            with self._guard:
                self._loop = None
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)


class _Ear:
    """What is heard, and what is known from it."""

    def __init__(self, on_circumstances: OnCircumstances, on_disturbance: OnDisturbance) -> None:
        self._on_circumstances = on_circumstances
        self._on_disturbance = on_disturbance
        self._known: dict[str, object] = {}
        self._told: Circumstances | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def listen(self) -> None:
        while True:
            try:
                bus = await MessageBus(bus_type=BusType.SYSTEM).connect()
            except (OSError, AuthError, InvalidAddressError, ValueError) as error:
                _log.debug("no system bus: %s", error)
            else:
                try:
                    await self._follow(bus)
                finally:
                    bus.disconnect()
            self._known.clear()
            self._tell()
            await asyncio.sleep(_BETWEEN_CONNECTS)

    async def _follow(self, bus: MessageBus) -> None:
        bus.add_message_handler(lambda message: self._heard(bus, message))
        for rule in _rules():
            await bus.call(_to_bus("AddMatch", rule))
        for name in _ASKED:
            await self._ask(bus, name)
        self._tell()
        with contextlib.suppress(Exception):  # that it ended is all there is to know
            await bus.wait_for_disconnect()  # type: ignore[no-untyped-call]

    def _heard(self, bus: MessageBus, message: Message) -> None:
        if message.message_type is not MessageType.SIGNAL:
            return
        match message.member, message.body:
            case "PropertiesChanged", [str(name), dict(changed), list(invalidated)] if (
                name in _ASKED
            ):
                self._properties_changed(bus, name, changed, invalidated)
            case "PrepareForSleep", [False]:
                self._on_disturbance(Disturbance.SLEPT)
            case "NameOwnerChanged", [str(name), str(), str(owner)] if name in _ASKED:
                self._known.pop(name, None)
                self._tell()
                if owner:
                    self._later(self._ask_again(bus, name))

    def _properties_changed(
        self, bus: MessageBus, name: str, changed: dict[str, object], invalidated: list[object]
    ) -> None:
        wanted = _ASKED[name]
        if wanted in changed:
            self._known[name] = _plain(changed[wanted])
            self._tell()
        elif wanted in invalidated:
            self._later(self._ask_again(bus, name))

    async def _ask(self, bus: MessageBus, name: str) -> None:
        reply = await bus.call(
            Message(
                destination=name, path=_PLACES[name], interface=_PROPERTIES, member="Get",
                signature="ss", body=[name, _ASKED[name]], flags=MessageFlag.NO_AUTOSTART,
            )
        )  # fmt: skip
        if reply.message_type is MessageType.METHOD_RETURN:
            self._known[name] = _plain(reply.body[0])

    async def _ask_again(self, bus: MessageBus, name: str) -> None:
        await self._ask(bus, name)
        self._tell()

    def _tell(self) -> None:
        power, network = self._known.get(_UPOWER), self._known.get(_NETWORK_MANAGER)
        now = Circumstances(
            on_battery=power if isinstance(power, bool) else None,
            metered=_METERED.get(network) if isinstance(network, int) else None,
        )
        if now != self._told:
            self._told = now
            self._on_circumstances(now)

    def _later(self, work: Coroutine[object, object, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _rules() -> list[str]:
    changed = "member='PropertiesChanged'"
    return [
        *(
            f"type='signal',sender='{name}',interface='{_PROPERTIES}',{changed},"
            f"path='{_PLACES[name]}',arg0='{name}'"
            for name in _ASKED
        ),
        *(
            f"type='signal',sender='{_BUS}',interface='{_BUS}',member='NameOwnerChanged',"
            f"arg0='{name}'"
            for name in _ASKED
        ),
        f"type='signal',sender='{_LOGIN}',interface='{_LOGIN}.Manager',"
        f"member='PrepareForSleep',path='{_PLACES[_LOGIN]}'",
    ]


def _to_bus(member: str, argument: str) -> Message:
    return Message(
        destination=_BUS, path="/org/freedesktop/DBus", interface=_BUS, member=member,
        signature="s", body=[argument],
    )  # fmt: skip


def _plain(value: object) -> object:
    return value.value if isinstance(value, Variant) else value
