"""The two ears: the watcher of the folder and the push stream of the server, as events."""

import logging
import threading
from collections.abc import Callable

from dreamsync.engine.context import Context
from dreamsync.engine.events import Event, Hinted, Pushed, PushState, WatchStarted, WatchTroubled
from dreamsync.local.protocol import WatchHint, WatchTrouble
from dreamsync.local.watch import make_watcher
from dreamsync.remotes.errors import RemoteError, SignedOut

_log = logging.getLogger(__name__)

_FIRST_DELAY = 1.0
_LONGEST_DELAY = 60.0
_LOOK_FOR_PUSH = 1.0


class Listener:
    """Both post from threads of their own, and what they say is a hint."""

    def __init__(self, context: Context, folder: str, post: Callable[[Event], None]) -> None:
        self._context = context
        self._post = post
        self._folder = folder
        self._watcher = make_watcher(folder)
        self._watch_ended = False
        self._stopping = threading.Event()

    def start(self) -> None:
        self._watcher.start(self._hint, self._trouble)
        threading.Thread(target=self._listen, name="push", daemon=True).start()

    def watch_again(self) -> None:
        """The folder is there: if the watch had ended with it, there is a new one."""
        if not self._watch_ended:
            return
        self._watch_ended = False
        self._watcher.stop()
        self._watcher = make_watcher(self._folder)
        self._watcher.start(self._hint, self._trouble)
        self._post(WatchStarted())

    def stop(self) -> None:
        self._stopping.set()
        self._watcher.stop()

    def _hint(self, hint: WatchHint) -> None:
        self._post(Hinted(hint.path, hint.deep, hint.sign))

    def _trouble(self, trouble: WatchTrouble, message: str) -> None:
        _log.warning("watcher: %s", message)
        if trouble is WatchTrouble.STOPPED:
            self._watch_ended = True
        self._post(WatchTroubled(trouble, message))

    def _listen(self) -> None:
        """For as long as the daemon runs; a server without push is asked again now and then."""
        delay = _FIRST_DELAY
        while not self._stopping.is_set():
            if not self._context.remote.capabilities.events:
                self._stopping.wait(_LOOK_FOR_PUSH)
                continue
            try:
                for cursor in self._context.remote.hints():
                    if self._stopping.is_set():
                        return
                    if delay != 0.0:
                        delay = 0.0
                        self._post(PushState(live=True))
                    if cursor is not None:
                        self._post(Pushed())
            except RemoteError as error:
                _log.info("push stream: %s", error)
                if isinstance(error, SignedOut):
                    delay = _LONGEST_DELAY
            self._post(PushState(live=False))
            delay = min(max(2 * delay, _FIRST_DELAY), _LONGEST_DELAY)
            self._stopping.wait(delay * self._context.random.jitter())
