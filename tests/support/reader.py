"""Somebody who opens files all the time, and must never see a part of one."""

import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from types import TracebackType

from tests.support.chaos import Desk
from tests.support.contents import NotWhole, split

_EVERY_S = 1 / 200
_LISTED_EVERY_S = 0.2


@dataclass
class Reader:
    """Opens files at a desk 200 times a second while it is entered as a context manager; never
    while the script itself is in the middle of writing one."""

    desk: Desk
    random: Random
    opens: int = 0
    partial: list[str] = field(default_factory=list)
    _paths: list[Path] = field(default_factory=list)
    _ended: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def __enter__(self) -> "Reader":
        self._thread = threading.Thread(target=self._run, name="reader")
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._ended.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        listed, due = float("-inf"), time.monotonic()
        while not self._ended.is_set():
            if time.monotonic() > listed + _LISTED_EVERY_S:
                self._paths, listed = self.desk.files(), time.monotonic()
            if self._paths:
                self._open(self.random.choice(self._paths))
            due = max(due + _EVERY_S, time.monotonic() - 1)
            self._ended.wait(due - time.monotonic())

    def _open(self, path: Path) -> None:
        with self.desk.writing:
            try:
                content = path.read_bytes()
            except OSError:
                return
        self.opens += 1
        try:
            split(content)
        except NotWhole as error:
            self.partial.append(f"{path}: {error}")
