"""The local trash: what dreamsync displaced, until it is restored or purged.

Layout: `.dreamsync/trash/<id>/` holds `item` (the file or folder itself, moved there) and
`item.json` (what it was). An id begins with the time in milliseconds, so ids sort by time. A slot
is made before its item is moved in, so that an item is always either in place or in its slot.

A replacement passes through a slot too (`placing.py`): there the new file is `item` until it has
changed places with the old one. Until then the facts are called `unfinished.json` and tell the new
file's identity, so that after a crash it is known for what it is: nobody's, and not a displaced
file. `displaced` beside or instead of `item` is the old one, where the system cannot exchange.
"""

import errno
import json
import os
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace

from dreamsync.core.nodes import Kind
from dreamsync.local.listing import kind_of
from dreamsync.local.marker import TRASH
from dreamsync.local.protocol import TrashItem
from dreamsync.local.root import Root
from dreamsync.local.system import Folder, flush

ITEM = "item"
DISPLACED = "displaced"
FACTS = "item.json"
UNFINISHED = "unfinished.json"

_ID = re.compile(r"[0-9]+-[0-9]+")
_LARGEST_FACTS = 64 * 1024


@dataclass(frozen=True, slots=True)
class Slot:
    """A place in the trash, open, for one item."""

    folder: Folder
    item: TrashItem


class Trash:
    """The trash of one synced folder. `clock_ms` gives epoch milliseconds."""

    def __init__(self, root: Root, clock_ms: Callable[[], int]) -> None:
        self._root = root
        self._clock_ms = clock_ms
        self._lock = threading.Lock()
        self._last = (0, 0)
        self._unsynced: set[str] = set()

    @contextmanager
    def slot(
        self,
        path: str,
        *,
        kind: Kind,
        size: int,
        reason: str,
        incoming: os.stat_result | None = None,
    ) -> Iterator[Slot]:
        """A new slot. It stays if something is in it at the end, and is removed if not.

        `incoming`: the new file of a replacement, which is moved in first; `finish` tells that it
        has left and the displaced one is in its place.
        """
        with self._root.open_home(TRASH) as trash:
            item = self._new_item(trash, path, kind=kind, size=size, reason=reason)
            with self._lock:
                self._unsynced.add(item.id)
            with trash.child(item.id) as folder:
                try:
                    _write_facts(folder, item, incoming)
                    yield Slot(folder, item)
                finally:
                    _discard_if_empty(trash, folder, item.id)

    def finish(self, slot: Slot) -> None:
        """The replacement is done: what is in the slot now is what it displaced."""
        slot.folder.rename_over(UNFINISHED, slot.folder, FACTS)

    def _new_item(
        self, trash: Folder, path: str, *, kind: Kind, size: int, reason: str
    ) -> TrashItem:
        while True:
            now = self._clock_ms()
            with self._lock:
                last_time, last_number = self._last
                number = last_number + 1 if now == last_time else 0
                self._last = (now, number)
            item_id = f"{now:014d}-{number:04d}"
            try:
                trash.make_folder(item_id, 0o700)
            except FileExistsError:
                continue
            return TrashItem(item_id, path, kind, size, now, reason)

    def sync(self) -> None:
        """fsync every slot made since the last time. Raises OSError."""
        with self._lock:
            ids, self._unsynced = self._unsynced, set()
        if not ids:
            return
        with self._root.open_home(TRASH) as trash:
            for item_id in sorted(ids):
                _sync_slot(trash, item_id)
            trash.sync()

    def items(self) -> Iterator[TrashItem]:
        """Newest first; a slot without an item in it is left out."""
        with self._root.open_home(TRASH) as trash:
            ids = sorted(trash.names(), reverse=True)
        for item_id in ids:
            with suppress(OSError), self._opened(item_id) as slot:
                yield slot.item

    def restore(self, item_id: str, parent: Folder, name: str) -> None:
        """Move an item back, never over anything. Raises OSError."""
        with self._root.open_home(TRASH) as trash, self._opened(item_id) as slot:
            slot.folder.rename_new(_item_name(slot.folder), parent, name)
            _discard_if_empty(trash, slot.folder, item_id)

    def purge(self, older_than_ms: int) -> int:
        """Remove the slots made before that time, and what crashed replacements left in others;
        how many slots. One that resists keeps no other. Asked while nothing is being replaced."""
        removed = 0
        with self._root.open_home(TRASH) as trash:
            for item_id in trash.names():
                with suppress(OSError, ValueError, KeyError, TypeError):
                    if _made_at(item_id) < older_than_ms:
                        trash.remove_tree(item_id)
                        removed += 1
                    else:
                        removed += _tidied(trash, item_id)
        return removed

    @contextmanager
    def _opened(self, item_id: str) -> Iterator[Slot]:
        """An existing slot. Raises FileNotFoundError where there is none, or it holds nothing."""
        with ExitStack() as stack:
            trash = stack.enter_context(self._root.open_home(TRASH))
            if not _ID.fullmatch(item_id):
                raise FileNotFoundError(errno.ENOENT, "no such item in the trash", item_id)
            folder = stack.enter_context(trash.child(item_id))
            yield Slot(folder, _read_facts(folder, item_id))


def _made_at(item_id: str) -> int:
    time, _, _ = item_id.partition("-")
    return int(time) if time.isdecimal() else 0


def _item_name(slot: Folder) -> str:
    return DISPLACED if slot.lstat(DISPLACED) is not None else ITEM


def _write_facts(slot: Folder, item: TrashItem, incoming: os.stat_result | None) -> None:
    facts: dict[str, object] = {
        "path": item.path,
        "kind": item.kind.value,
        "size": item.size,
        "deleted_at_ms": item.deleted_at_ms,
        "reason": item.reason,
    }
    if incoming is not None:
        facts["incoming"] = _identity(incoming)
    with os.fdopen(slot.create(FACTS if incoming is None else UNFINISHED), "wb") as file:
        file.write(json.dumps(facts, ensure_ascii=False).encode(errors="surrogatepass"))


def _identity(status: os.stat_result) -> list[int]:
    return [status.st_ino, status.st_size, status.st_mtime_ns]


def _tidied(trash: Folder, item_id: str) -> bool:
    """Whether the slot went, because a replacement that was cut off had displaced nothing yet."""
    with trash.child(item_id) as slot:
        if slot.lstat(UNFINISHED) is None:
            return False
        item, displaced = slot.lstat(ITEM), slot.lstat(DISPLACED)
        incoming = item is not None and json.loads(_facts_text(slot))["incoming"] == _identity(item)
        if incoming:
            slot.unlink(ITEM)
        if displaced is not None and (
            # Still in place, by another name of the same file; or both names are here.
            (incoming and displaced.st_nlink > 1)
            or (item is not None and os.path.samestat(item, displaced))
        ):
            slot.unlink(DISPLACED)
        if _discard_if_empty(trash, slot, item_id):
            return True
        slot.rename_over(UNFINISHED, slot, FACTS)
    return False


def _read_facts(slot: Folder, item_id: str) -> TrashItem:
    """From `item.json`; where a crash left that unreadable, from the item itself."""
    status = slot.lstat(_item_name(slot))
    if status is None:
        raise FileNotFoundError(errno.ENOENT, "no such item in the trash", item_id)
    found = TrashItem(
        item_id, item_id, kind_of(status) or Kind.FILE, status.st_size, _made_at(item_id), ""
    )
    with suppress(OSError, ValueError, KeyError, TypeError):
        facts = json.loads(_facts_text(slot))
        return replace(
            found,
            path=str(facts["path"]),
            size=int(facts["size"]),
            deleted_at_ms=int(facts["deleted_at_ms"]),
            reason=str(facts["reason"]),
        )
    return found


def _facts_text(slot: Folder) -> bytes:
    name = FACTS if slot.lstat(FACTS) is not None else UNFINISHED
    with os.fdopen(slot.open_to_read(name), "rb") as file:
        return file.read(_LARGEST_FACTS)


def _discard_if_empty(trash: Folder, slot: Folder, item_id: str) -> bool:
    """Whether it was empty."""
    if any(slot.lstat(name) is not None for name in (ITEM, DISPLACED)):
        return False
    for name in (FACTS, UNFINISHED):
        with suppress(FileNotFoundError):
            slot.unlink(name)
    with suppress(FileNotFoundError):
        trash.remove_folder(item_id)
    return True


def _sync_slot(trash: Folder, item_id: str) -> None:
    try:
        slot = trash.child(item_id)
    except FileNotFoundError:
        return
    with slot:
        with suppress(FileNotFoundError):
            descriptor = slot.open_to_read(FACTS)
            try:
                flush(descriptor)
            finally:
                os.close(descriptor)
        slot.sync()
