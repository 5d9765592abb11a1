"""Who wants to hear of commits (push streams), told after each."""

import threading
from collections.abc import Callable

Listener = Callable[[str, str], None]
"""Called with space id and cursor, on the thread that wrote: it must not block nor raise."""


class Commits:
    """The listeners of this process. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._listeners: tuple[Listener, ...] = ()

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Tell `listener` of every commit until the returned function is called."""
        with self._lock:
            self._listeners = (*self._listeners, listener)

        def unsubscribe() -> None:
            with self._lock:
                self._listeners = tuple(one for one in self._listeners if one is not listener)

        return unsubscribe

    def tell(self, space_id: str, cursor: str) -> None:
        for listener in self._listeners:
            listener(space_id, cursor)
