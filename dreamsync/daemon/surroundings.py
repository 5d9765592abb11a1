"""What goes on around a running instance (folder, server, power, network, clocks), as events and as
pauses by rule."""

import logging
import threading
from collections.abc import Callable, Sequence
from typing import Protocol

from dreamsync.config.settings import Config
from dreamsync.daemon.clock_watch import ClockWatch
from dreamsync.daemon.limits import Limits
from dreamsync.daemon.listening import Listener
from dreamsync.daemon.pause_rules import PauseRules
from dreamsync.desktop.circumstances.watch import Circumstances, Disturbance, Watch, make_watch
from dreamsync.engine.context import Context
from dreamsync.engine.events import Disturbed, Event, NetworkChanged, PauseChanged

_log = logging.getLogger(__name__)

_FIRST_LOOK_SECONDS = 2.0


class Host(Protocol):
    """The instance, as far as it matters here."""

    def between_steps(self, work: Callable[[], None]) -> None:
        """Do `work` in the engine's turn."""

    def post(self, event: Event) -> None: ...


class Surroundings:
    """Watches for as long as the instance runs."""

    def __init__(
        self,
        context: Context,
        rules: PauseRules,
        limits: Limits,
        host: Host,
        *,
        watch: Watch | None = None,
        clocks: ClockWatch | None = None,
    ) -> None:
        self._context = context
        self._host = host
        self._rules = rules
        self._limits = limits
        self._watch = watch or make_watch()
        self._clocks = clocks or ClockWatch()
        self._told = threading.Event()
        self._listener: Listener | None = None

    def start(self, config: Config) -> None:
        """Where a rule may pause, nothing is to be sent before it is known whether it does."""
        self._listener = Listener(self._context, config.folder.path, self._host.post)
        self._watch.start(self._noticed, self._disturbed)
        if config.sync.pause_on_battery or config.sync.pause_on_metered:
            self._told.wait(_FIRST_LOOK_SECONDS)
        self._listener.start()

    def stop(self) -> None:
        self._watch.stop()
        if self._listener is not None:
            self._listener.stop()

    def watch_again(self) -> None:
        """The folder is there: if its watch had ended with it, there is a new one."""
        if self._listener is not None:
            self._listener.watch_again()

    def senses(self) -> Sequence[Event]:
        """What the clocks say; asked in the engine's thread before each step."""
        self._limits.follow_clock()
        disturbance = self._clocks.look()
        if disturbance is None:
            return []
        _log.info("disturbed: %s", disturbance.value)
        self._reconnect()
        return [Disturbed()]

    def _reconnect(self) -> None:
        """The push stream may have died with its network, and would not know for a while."""
        self._context.remote.end_hints()

    def _noticed(self, seen: Circumstances) -> None:
        _log.info("on battery: %s, metered: %s", seen.on_battery, seen.metered)
        self._host.between_steps(lambda: self._rules.note(seen))
        self._host.post(PauseChanged())
        self._told.set()

    def _disturbed(self, disturbance: Disturbance) -> None:
        """That it slept, the clocks tell as well: the event wakes whoever asks them."""
        _log.info("disturbed: %s", disturbance.value)
        self._reconnect()
        self._host.post(NetworkChanged())
