"""The rules by which the settings pause syncing, and what a person decides against them."""

from collections.abc import Mapping

from dreamsync.config.settings import SyncSettings
from dreamsync.core.status import PauseReason
from dreamsync.desktop.circumstances.watch import Circumstances
from dreamsync.engine.context import Context
from dreamsync.engine.pausing import end_pause, read_let_through, write_let_through


class PauseRules:
    """All but the constructor belongs to the engine's thread."""

    def __init__(self, context: Context, sync: SyncSettings) -> None:
        self._context = context
        self._settings = context.journal.settings
        self._sync = sync
        self._seen = Circumstances()

    def use(self, sync: SyncSettings) -> None:
        self._sync = sync
        self._judge()

    def note(self, seen: Circumstances) -> None:
        """A circumstance that is over takes with it what a person has decided for as long as it
        lasts; one that is not known does not."""
        self._seen = seen
        over = {reason for reason, holds in self._circumstances().items() if holds is False}
        let_through = read_let_through(self._settings)
        if let_through & over:
            with self._context.journal.transaction():
                write_let_through(self._settings, let_through - over)
        self._judge()

    def resume(self) -> None:
        """A person wants to go on now, whatever the rules say."""
        held = {reason for reason, holds in self._circumstances().items() if holds}
        wanted = held & self._rules()
        with self._context.journal.transaction():
            end_pause(self._settings)
            if wanted:
                write_let_through(self._settings, read_let_through(self._settings) | wanted)
        self._judge()

    def _judge(self) -> None:
        let_through = read_let_through(self._settings)
        in_force = [
            reason
            for reason, holds in self._circumstances().items()
            if holds and reason in self._rules() and reason not in let_through
        ]
        self._context.paused_by = in_force[0] if in_force else None

    def _rules(self) -> set[PauseReason]:
        rules = {
            PauseReason.BATTERY: self._sync.pause_on_battery,
            PauseReason.METERED: self._sync.pause_on_metered,
        }
        return {reason for reason, wanted in rules.items() if wanted}

    def _circumstances(self) -> Mapping[PauseReason, bool | None]:
        return {
            PauseReason.METERED: self._seen.metered,
            PauseReason.BATTERY: self._seen.on_battery,
        }
