"""What is not where it was: it waits here until all looks are done, which may show where it went.

Only then is it looked for once more at its old place, and what is not there is gone.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from dreamsync.core.nodes import LocalEntry, NodeKey
from dreamsync.engine.context import Context
from dreamsync.local.protocol import Changed, DiskError, RootGone, Vanished

_LONGEST_MOVE = 1.0
"""Seconds for which what is gone waits for the other hints: one of them may show where it went."""


_MOST_REMEMBERED = 1000


@dataclass(frozen=True, slots=True)
class _Absent:
    entry: LocalEntry
    path: str
    renamed: bool


class Missing:
    """`unreadable` is told of a folder of which it cannot be told what is in it; `look_again` of
    the path of what has changed in the tree since, such as the key under which it is known."""

    def __init__(
        self,
        context: Context,
        unreadable: Callable[[NodeKey, str, DiskError], None],
        look_again: Callable[[str], None],
    ) -> None:
        self._context = context
        self._trees = context.journal.trees
        self._unreadable = unreadable
        self._look_again = look_again
        self._entries: dict[NodeKey, _Absent] = {}
        self._left: set[str] = set()
        self._until = 0.0

    def __bool__(self) -> bool:
        return bool(self._entries)

    @property
    def until(self) -> float | None:
        """When it is no longer waited for the other hints."""
        return self._until if self._entries else None

    def told(self, path: str, *, left: bool) -> None:
        """Of what last happened there: whether it was renamed away."""
        if not left:
            self._left.discard(path)
        elif len(self._left) < _MOST_REMEMBERED:
            self._left.add(path)

    def note(self, node: NodeKey, entry: LocalEntry, path: str) -> None:
        if not self._entries:
            self._until = self._context.clock.monotonic() + _LONGEST_MOVE
        known = self._entries.get(node)
        renamed = path in self._left or (known is not None and known.renamed)
        self._left.discard(path)
        self._entries[node] = _Absent(entry, path, renamed)

    def found(self, node: NodeKey) -> None:
        """Elsewhere, or it is clear that it is gone."""
        self._entries.pop(node, None)

    def clear(self) -> None:
        self._entries.clear()
        self._left.clear()

    def take_gone(self) -> Sequence[tuple[NodeKey, bool]]:
        """Those that are not at their old place, each with whether it was renamed away; nothing is
        missing afterwards."""
        names: dict[NodeKey, frozenset[str] | None] = {}
        gone: list[tuple[NodeKey, bool]] = []
        for node, absent in self._entries.items():
            entry = absent.entry
            if self._trees.local(node) != entry:
                self._look_again(absent.path)
                continue
            if entry.parent not in names:
                names[entry.parent] = self._names_in(entry.parent)
            present = names[entry.parent]
            if present is not None and entry.disk_name not in present:
                gone.append((node, absent.renamed))
        self._entries.clear()
        return gone

    def _names_in(self, folder: NodeKey) -> frozenset[str] | None:
        """Listed once more: an item may have been looked for under the old path of a folder that
        was being moved. A look by name would not do: on a disk that folds, another may answer.
        None where it cannot be told: nothing is gone then, and the folder is tried again."""
        path = self._context.disk_path(folder)
        try:
            items = self._context.disk.list_folder(path).items if path is not None else ()
        except (Vanished, Changed):
            return frozenset()
        except RootGone:
            raise
        except DiskError as error:
            self._unreadable(folder, path or "", error)
            return None
        return frozenset(item.disk_name for item in items)
