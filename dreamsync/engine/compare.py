"""What a look shows against what the local tree says, as cheaply as a scan of many files needs."""

from collections.abc import Mapping, Sequence

from dreamsync.core.mapping import wire_names
from dreamsync.core.names import wire_name_problem
from dreamsync.core.nodes import Content, Fingerprint, Kind, LocalEntry, NodeKey
from dreamsync.core.status import SkippedItem
from dreamsync.engine.recognise import folder_fingerprint
from dreamsync.journal.rows import LookRow, normal_fingerprint
from dreamsync.local.protocol import FolderListing, Seen

Known = tuple[int, int | None, Fingerprint, NodeKey]
"""Kind (1: folder), executable bit, fingerprint and node of an entry."""


def known_by_name(rows: Mapping[str, LookRow]) -> dict[str, Known]:
    return {
        name: (kind, bit, Fingerprint(*fingerprint), node)
        for name, kind, bit, *fingerprint, node in rows.values()
    }


def known_first(items: Sequence[Seen], known: Mapping[str, Known]) -> Sequence[Seen]:
    """A new item may take the wire name of one that has to go by another from now on, because it
    is its twin: that one gives its name up first."""
    if all(is_plain(seen.disk_name) for seen in items):
        return items
    return sorted(items, key=lambda seen: seen.disk_name not in known)


def is_same(known: Known, seen: Seen) -> bool:
    kind, bit, fingerprint, _ = known
    if kind:
        return seen.kind is Kind.FOLDER and fingerprint == fingerprint_of(seen)
    return seen.kind is Kind.FILE and fingerprint == seen.fingerprint and bit == seen.executable


def is_all_known(rows: Mapping[str, LookRow], items: Sequence[Seen]) -> bool:
    """Whether a folder holds exactly what is known of it, nothing of which has changed: what
    `is_same` says of each, without an object for each. Never where a name's form on the wire
    follows from its neighbours: one of them may be gone since."""
    if len(rows) != len(items):
        return False
    for name, kind, fingerprint, bit in items:
        row = rows.get(name)
        if row is None or not is_plain(name):
            return False
        if row[1]:
            if kind is Kind.FILE or row[3:8] != folder_fingerprint(fingerprint):
                return False
        elif row[3:8] != fingerprint or row[2] != bit or kind is Kind.FOLDER:
            return False
    return True


def fingerprint_of(seen: Seen) -> Fingerprint:
    """A folder's size and times change with its children and say nothing of the folder itself."""
    if seen.kind is Kind.FOLDER:
        return folder_fingerprint(seen.fingerprint)
    return normal_fingerprint(seen.fingerprint)


def local_entry_of(parent: NodeKey, name: str, seen: Seen, content: Content | None) -> LocalEntry:
    """What a look showed, as an entry. `content` is what is known of a file's bytes; None, or one
    of another size, leaves them to be read."""
    fingerprint = fingerprint_of(seen)
    if seen.kind is Kind.FOLDER:
        content = None
    elif content is None or content.size != fingerprint.size:
        content = Content(fingerprint.size)
    return LocalEntry(
        parent, name, seen.kind, seen.disk_name, fingerprint, content, seen.executable
    )


def is_plain(name: str) -> bool:
    """Names that are the same on every disk and on the wire, and can have no twin by form."""
    return name.isascii() and name.isprintable()


def names_in_listing(
    listing: FolderListing, prefix: str
) -> tuple[dict[str, str], list[SkippedItem]]:
    """The wire names of a listing, and what cannot be carried."""
    skipped = skipped_items(listing)
    disk_names = [seen.disk_name for seen in listing.items]
    if all(map(is_plain, disk_names)):
        return dict(zip(disk_names, disk_names, strict=True)), skipped
    names: dict[str, str] = {}
    for disk_name, name in wire_names(disk_names).items():
        if name is None or wire_name_problem(name) is not None:
            skipped.append(SkippedItem(prefix + disk_name, "name-too-long"))
        else:
            names[disk_name] = name
    return names, skipped


def skipped_items(listing: FolderListing) -> list[SkippedItem]:
    return [SkippedItem(item.path, item.reason.value) for item in listing.skipped]
