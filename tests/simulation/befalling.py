"""What befalls devices and the server, and how it passes."""

from collections.abc import Callable
from typing import Protocol

from dreamsync.engine.events import PauseChanged, PushState, WatchStarted, WatchTroubled
from dreamsync.engine.pausing import write_pause
from dreamsync.local.protocol import RootState, WatchTrouble
from dreamsync.remotes.memory import MemoryServer
from dreamsync.remotes.memory.space import Space
from tests.simulation.device import SimDevice
from tests.simulation.scenario import Action, Verb


class Agenda(Protocol):
    """What the world lends: its clock, its story, and all that the server ever had."""

    def later(self, seconds: float, what: Callable[[], None]) -> None: ...

    def tell(self, text: str) -> None: ...

    def note_contents(self) -> None: ...


class Befalling:
    """`restored`: whether the server has gone back to a backup."""

    def __init__(self, agenda: Agenda, server: MemoryServer, devices: list[SimDevice]) -> None:
        self._agenda = agenda
        self._server = server
        self._devices = devices
        self._backup: Space | None = None
        self.restored = False
        self._of_devices: dict[Verb, Callable[[SimDevice, int], None]] = {
            Verb.CRASH: lambda device, _: device.crash(power=False),
            Verb.POWER_LOSS: lambda device, _: device.crash(power=True),
            Verb.JOURNAL_LOST: lambda device, _: device.lose_journal(older=False),
            Verb.JOURNAL_OLDER: lambda device, _: device.lose_journal(older=True),
            Verb.OFFLINE: lambda device, size: self._offline([device], 1 + size % 30),
            Verb.PAUSE: lambda device, size: self.pause(device, 1 + size % 60),
            Verb.UNPLUG: lambda device, size: self._root(device, RootState.MISSING, 1 + size % 10),
            Verb.SWAP_ROOT: lambda device, size: self._root(
                device, RootState.REPLACED, 1 + size % 10
            ),
            Verb.SUSPEND: lambda device, size: device.sleep(5 + size % 300),
            Verb.OVERFLOW: lambda device, size: self._overflow(device, 1 + size % 10),
            Verb.REVOKE: lambda device, size: self._revoke(device, 5 + size % 30),
        }
        self._of_the_server: dict[Verb, Callable[[int], None]] = {
            Verb.PURGE: lambda _: self._purge(),
            Verb.BACK_UP: lambda _: self._back_up(),
            Verb.RESTORE: lambda _: self._restore(),
            Verb.SERVER_DOWN: lambda size: self._down(1 + size % 20),
        }

    def befalls(self, action: Action) -> None:
        if action.verb in self._of_devices:
            device = self._devices[action.device]
            self._of_devices[action.verb](device, action.what)
            device.note_journal()
        else:
            self._agenda.note_contents()
            self._of_the_server[action.verb](action.what)

    # Devices.

    def _offline(self, devices: list[SimDevice], seconds: float) -> None:
        names = ", ".join(device.name for device in devices)
        self._agenda.tell(f"{names}: the network is gone for {seconds} s")
        for device in devices:
            device.network.offline += 1

        def back() -> None:
            for device in devices:
                device.network.offline -= 1

        self._agenda.later(seconds, back)

    def pause(self, device: SimDevice, seconds: int) -> None:
        device.tell(f"paused for {seconds} s")
        until_ms = device.clock.now_ms() + 1000 * seconds
        with device.journal.transaction():
            write_pause(device.journal.settings, until_ms=until_ms)
        device.post(PauseChanged())

    def _root(self, device: SimDevice, state: RootState, seconds: float) -> None:
        device.tell(f"the folder is {state.value} for {seconds} s")
        device.disk.root = state

        def back() -> None:
            device.disk.root = RootState.PRESENT
            device.tell("the folder is back")

        self._agenda.later(seconds, back)

    def _overflow(self, device: SimDevice, seconds: float) -> None:
        """The watcher misses all of so much time, and then says so."""
        device.tell(f"the watcher sees nothing for {seconds} s")
        device.watching = False

        def noticed() -> None:
            device.watching = True
            device.post(WatchTroubled(WatchTrouble.OVERFLOW, "too many changes at once"))
            device.post(WatchStarted())

        self._agenda.later(seconds, noticed)

    def _revoke(self, device: SimDevice, seconds: float) -> None:
        device.tell(f"revoked, and signed in again after {seconds} s")
        self._server.revoke(device.name)

        def admitted() -> None:
            self._server.admit(device.name)
            device.tell("signed in again")

        self._agenda.later(seconds, admitted)

    # The server.

    def _purge(self) -> None:
        self._agenda.tell("the server forgets its tombstones")
        self._server.purge_tombstones()

    def _back_up(self) -> None:
        self._agenda.tell("the server is backed up")
        self._backup = self._server.snapshot()

    def _restore(self) -> None:
        if self._backup is not None:
            self._agenda.tell("the server is restored from its backup")
            self.restored = True
            self._server.restore_snapshot(self._backup)

    def _down(self, seconds: float) -> None:
        """It restarts: what it has acknowledged is there again, and push streams end."""
        self._offline(self._devices, seconds)
        for device in self._devices:
            device.post(PushState(live=False))
            device.post(PushState(live=True), delay=seconds + 1.0)
