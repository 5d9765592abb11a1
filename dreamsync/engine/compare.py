"""What a look shows against what the local tree says, as cheaply as a scan of many files needs."""

from dreamsync.core.mapping import wire_names
from dreamsync.core.names import wire_name_problem
from dreamsync.core.nodes import Content, Fingerprint, Kind, LocalEntry, NodeKey
from dreamsync.core.status import SkippedItem
from dreamsync.engine.recognise import folder_fingerprint
from dreamsync.journal.rows import normal_fingerprint
from dreamsync.local.protocol import FolderListing, Seen

Known = tuple[int, int | None, Fingerprint, NodeKey]
"""Kind (1: folder), executable bit, fingerprint and node of an entry."""


def known_by_name(rows: object) -> dict[str, Known]:
    known: dict[str, Known] = {}
    for name, kind, bit, device, inode, size, mtime_ns, ctime_ns, node in rows:  # type: ignore[attr-defined]
        known[name] = (kind, bit, Fingerprint(device, inode, size, mtime_ns, ctime_ns), node)
    return known


def is_same(known: Known, seen: Seen) -> bool:
    kind, bit, fingerprint, _ = known
    if kind:
        return seen.kind is Kind.FOLDER and fingerprint == fingerprint_of(seen)
    return seen.kind is Kind.FILE and fingerprint == seen.fingerprint and bit == seen.executable


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
    skipped = [SkippedItem(item.path, item.reason.value) for item in listing.skipped]
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
