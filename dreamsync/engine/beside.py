"""Work of a large transfer that goes on beside it, in threads that the engine does not know of."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from dreamsync.core.digest import BLOCK

_Result = TypeVar("_Result")
_Given_co = TypeVar("_Given_co", covariant=True)


class Pending(Protocol[_Given_co]):
    """Work that was begun."""

    def result(self) -> _Given_co:
        """Wait for its end: what it gave, or the error that it raised."""


class Beside(Protocol):
    """Begins work, in the order given, and does not wait for it. A `ThreadPoolExecutor` is one. The
    work itself may wait for what was begun before it, and begins nothing: so threads never wait for
    each other in a circle."""

    def submit(self, work: Callable[[], _Result], /) -> Pending[_Result]: ...


@dataclass(frozen=True, slots=True)
class _Done(Generic[_Result]):
    """Its error is raised where it is asked for, as a thread's would be."""

    value: _Result | None
    error: Exception | None = None

    def result(self) -> _Result:
        if self.error is not None:
            raise self.error
        return self.value  # type: ignore[return-value]  # None only where that is the result


class AtOnce:
    """A `Beside` without threads: work is done when it is begun."""

    def submit(self, work: Callable[[], _Result], /) -> Pending[_Result]:
        try:
            return _Done(work())
        except Exception as error:
            return _Done(None, error)


class Spare:
    """The memory that large uploads share for blocks which they send besides the one that each may
    send always: so it is the same for one as for many. Used by several threads."""

    def __init__(self, blocks: int = 2) -> None:
        self._left = deque(range(blocks))

    def take(self, size: int) -> bool:
        """Whether there is room for a block of `size` bytes, which is then to be given back."""
        if size > BLOCK:
            return False
        try:
            self._left.pop()
        except IndexError:
            return False
        return True

    def give_back(self) -> None:
        self._left.append(0)
