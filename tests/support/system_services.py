"""UPower, NetworkManager and logind as far as they are asked, on a bus of the test's own."""

import asyncio
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import TypeVar

from dbus_fast import PropertyAccess
from dbus_fast.aio import MessageBus
from dbus_fast.annotations import DBusBool, DBusUInt32
from dbus_fast.service import ServiceInterface, dbus_property, dbus_signal

_UPOWER = "org.freedesktop.UPower"
_NETWORK_MANAGER = "org.freedesktop.NetworkManager"
_LOGIN = "org.freedesktop.login1"

T = TypeVar("T")


class SystemServices:
    """What they say is a test's to set; each is there only after it was set for the first time."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._power, self._network, self._login = _Power(), _Network(), _Login()
        self._buses: dict[str, MessageBus] = {}

    def set_on_battery(self, on_battery: bool) -> None:
        self._power.on_battery = on_battery
        self._do(self._own(_UPOWER, "/org/freedesktop/UPower", self._power))
        self._tell(self._power, {"OnBattery": on_battery})

    def set_metered(self, number: int) -> None:
        """As NetworkManager numbers it: 1 yes, 2 no, 3 and 4 as it guesses, 0 unknown."""
        self._network.metered = number
        self._do(self._own(_NETWORK_MANAGER, "/org/freedesktop/NetworkManager", self._network))
        self._tell(self._network, {"Metered": number})

    def sleep_and_wake(self) -> None:
        self._do(self._own(_LOGIN, "/org/freedesktop/login1", self._login))
        for going in (True, False):
            self._loop.call_soon_threadsafe(self._login.PrepareForSleep, going)

    def end(self, name: str) -> None:
        """As a service that ends."""
        self._do(self._disown(name))

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        for name in list(self._buses):
            self.end(name)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _tell(self, interface: ServiceInterface, changed: dict[str, object]) -> None:
        self._loop.call_soon_threadsafe(interface.emit_properties_changed, changed)

    def _do(self, work: Coroutine[object, object, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(20)

    async def _own(self, name: str, path: str, interface: ServiceInterface) -> None:
        """Each on a connection of its own: who listens knows them by who sends."""
        if name in self._buses:
            return
        bus = await MessageBus(bus_address=self._address).connect()
        bus.export(path, interface)
        await bus.request_name(name)
        self._buses[name] = bus

    async def _disown(self, name: str) -> None:
        bus = self._buses.pop(name)
        bus.disconnect()
        await bus.wait_for_disconnect()  # type: ignore[no-untyped-call]


class _Power(ServiceInterface):
    def __init__(self) -> None:
        super().__init__(_UPOWER)
        self.on_battery = False

    @dbus_property(access=PropertyAccess.READ)
    def OnBattery(self) -> DBusBool:  # noqa: N802
        return self.on_battery


class _Network(ServiceInterface):
    def __init__(self) -> None:
        super().__init__(_NETWORK_MANAGER)
        self.metered = 0

    @dbus_property(access=PropertyAccess.READ)
    def Metered(self) -> DBusUInt32:  # noqa: N802
        return self.metered


class _Login(ServiceInterface):
    def __init__(self) -> None:
        super().__init__(f"{_LOGIN}.Manager")

    @dbus_signal()
    def PrepareForSleep(self, going: DBusBool) -> DBusBool:  # noqa: N802
        return going


@contextmanager
def system_services(address: str) -> Iterator[SystemServices]:
    services = SystemServices(address)
    services.start()
    try:
        yield services
    finally:
        services.close()
