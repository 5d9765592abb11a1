"""An open file whose fingerprint was the expected one, and still is when asked."""

import os
from collections.abc import Callable

from dreamsync.core.nodes import Fingerprint
from dreamsync.local.errors import translated
from dreamsync.local.system import fingerprint_of


class OpenFile:
    """A `Reading`. `look` tells the fingerprint of what stands at the path now."""

    def __init__(
        self,
        descriptor: int,
        path: str,
        expect: Fingerprint,
        look: Callable[[], Fingerprint | None],
    ) -> None:
        self._descriptor = descriptor
        self._path = path
        self._expect = expect
        self._look = look

    def read(self, size: int) -> bytes:
        with translated(self._path):
            return os.read(self._descriptor, size)

    def unchanged(self) -> bool:
        with translated(self._path):
            opened = fingerprint_of(os.fstat(self._descriptor))
        return opened == self._expect and self._look() == self._expect

    def close(self) -> None:
        os.close(self._descriptor)
