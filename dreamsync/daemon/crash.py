"""An exception that nobody expected: one line for the person, all of it in the log."""

import logging
import sys
import threading
from types import TracebackType

from dreamsync.i18n import translated
from dreamsync.message import N_

_log = logging.getLogger("dreamsync.crash")


def install_crash_hooks(log_file: str) -> None:
    """From now on no traceback reaches the terminal, from whichever thread."""

    def of_main(
        kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        _log.critical("unexpected error", exc_info=(kind, error, trace))
        sys.stderr.write(translated(crash_line(log_file)) + "\n")

    def of_thread(arguments: threading.ExceptHookArgs) -> None:
        if arguments.exc_value is not None:
            name = arguments.thread.name if arguments.thread else "?"
            _log.critical(
                "unexpected error in thread %s",
                name,
                exc_info=(arguments.exc_type, arguments.exc_value, arguments.exc_traceback),
            )

    sys.excepthook = of_main
    threading.excepthook = of_thread


def crash_line(log_file: str) -> str:
    return N_("Something unexpected went wrong. The details are in {path}", path=log_file)
