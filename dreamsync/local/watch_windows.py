"""watchdog's Windows observer, made to tell of an overflow.

ReadDirectoryChangesW answers with nothing where more changed than its buffer could hold (Microsoft,
"ReadDirectoryChangesW", remarks). watchdog 7.1.0 passes that over: here it is noticed on its way
from watchdog's reader into watchdog's queue.
"""

import sys

assert sys.platform == "win32"  # noqa: S101  (type checkers stop here on other systems)

from watchdog.observers.api import BaseObserver  # noqa: E402
from watchdog.observers.read_directory_changes import WindowsApiEmitter  # noqa: E402

from dreamsync.local.protocol import OnTrouble, WatchTrouble  # noqa: E402
from dreamsync.message import N_  # noqa: E402


class OverflowTellingObserver(BaseObserver):
    """Watches whole trees; an overflow goes to `on_trouble`."""

    def __init__(self, on_trouble: OnTrouble) -> None:
        super().__init__(_Emitter)
        self._on_trouble = on_trouble

    def on_thread_start(self) -> None:
        super().on_thread_start()
        for emitter in self.emitters:
            if isinstance(emitter, _Emitter):
                emitter.tell_overflow_to(self._on_trouble)


class _Emitter(WindowsApiEmitter):
    def tell_overflow_to(self, on_trouble: OnTrouble) -> None:
        if self._reader is None:
            return
        buffers = self._reader._buf_queue
        put = buffers.put

        def put_and_tell(item: tuple[bytes, bool]) -> None:
            if not item[0]:
                on_trouble(
                    WatchTrouble.OVERFLOW,
                    N_("more changed at once than the system could tell; rescanning"),
                )
            put(item)

        setattr(buffers, "put", put_and_tell)  # noqa: B010  (type checkers refuse to assign it)
