"""A person's `verify`: all bytes read now by the engine, and what `status` says from then on."""

from collections.abc import Callable
from dataclasses import replace

from dreamsync.control.commands import CommandError, ErrorCode
from dreamsync.core.status import VerifyReport
from dreamsync.daemon.loop import Loop
from dreamsync.daemon.progress import Told
from dreamsync.engine.engine import Engine
from dreamsync.engine.events import VerifyAsked
from dreamsync.journal.journal import Journal
from dreamsync.local.protocol import RootState
from dreamsync.message import N_


def read_all_once_more(
    engine: Engine,
    loop: Loop,
    wait: Callable[[], None] | None,
    on_progress: Callable[[int, int], None] | None,
) -> VerifyReport:
    """`wait` lets the loop's own thread go on for a moment; None where nobody runs the loop."""
    verifier = engine.verifier
    before = loop.call(lambda: verifier.asked)
    loop.post(VerifyAsked())
    told = Told(on_progress)

    def reported() -> VerifyReport | None:
        """None until this round is over; one asked for before tells nothing."""
        return None if verifier.asked is before else verifier.report()

    def over() -> bool:
        asked = verifier.asked
        if asked is not None and asked is not before:
            told.tell(asked.checked, asked.total)
        return reported() is not None

    while (report := loop.call(reported)) is None:
        if wait is None:
            loop.run(until=over)
        else:
            over()
            wait()
    if engine.root is not RootState.PRESENT:
        raise CommandError(ErrorCode.FAILED, N_("The synced folder is not there."))
    return report


def noted(engine: Engine, journal: Journal, report: VerifyReport) -> VerifyReport:
    """From now on `status` tells of it, unless something could not be read."""
    if not report.mismatched:
        with journal.transaction():
            engine.verifier.compare(moved=engine.settler.moved)
    return replace(
        report,
        matching=report.matching + len(report.repaired),
        pending=journal.trees.pending_count(),
    )
