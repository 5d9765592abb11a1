"""Rows to entries and back: the one place that knows the columns' order."""

from dreamsync.core.nodes import (
    BaseEntry,
    Content,
    Fingerprint,
    Kind,
    LocalEntry,
    NodeKey,
    RemoteEntry,
)

LOCAL_COLUMNS = (
    "parent, name, kind, disk_name, device, inode, size, mtime_ns, ctime_ns, "
    "digest, checksum, executable"
)
REMOTE_COLUMNS = "parent, name, kind, version, size, digest, checksum, executable, modified_ns"
BASE_COLUMNS = (
    "parent, name, kind, version, device, inode, size, mtime_ns, ctime_ns, "
    "content_size, digest, checksum, executable"
)

Cell = int | str | None
LocalRow = tuple[int, str, int, str, int, int, int, int, int, str | None, str | None, int | None]
RemoteRow = tuple[int, str, int, int, int, str | None, str | None, int | None, int]
LookRow = tuple[str, int, int | None, int, int, int, int, int, NodeKey]
"""What a look is compared with: name on this disk, kind (1: folder), executable bit, fingerprint,
node."""
BaseRow = tuple[
    int, str, int, int, int, int, int, int, int, int, str | None, str | None, int | None
]


def local_entry(row: LocalRow) -> LocalEntry:
    parent, name, kind, disk_name, device, inode, size, mtime, ctime, digest, checksum, bit = row
    return LocalEntry(
        NodeKey(parent),
        name,
        Kind.FOLDER if kind else Kind.FILE,
        disk_name,
        Fingerprint(device, inode, size, mtime, ctime),
        None if kind else Content(size, digest, checksum),
        _flag(bit),
    )


def local_cells(entry: LocalEntry) -> tuple[Cell, ...]:
    content = entry.content
    return (
        entry.parent,
        entry.name,
        _kind(entry.kind),
        entry.disk_name,
        *fingerprint_cells(entry.fingerprint),
        content.digest if content else None,
        content.checksum if content else None,
        _cell(entry.executable),
    )


def remote_entry(row: RemoteRow, remote_id: str) -> RemoteEntry:
    parent, name, kind, version, size, digest, checksum, bit, modified_ns = row
    return RemoteEntry(
        NodeKey(parent),
        name,
        Kind.FOLDER if kind else Kind.FILE,
        remote_id,
        version,
        None if kind else Content(size, digest, checksum),
        _flag(bit),
        modified_ns,
    )


def remote_cells(entry: RemoteEntry) -> tuple[Cell, ...]:
    content = entry.content
    return (
        entry.parent,
        entry.name,
        _kind(entry.kind),
        entry.version,
        content.size if content else 0,
        content.digest if content else None,
        content.checksum if content else None,
        _cell(entry.executable),
        entry.modified_ns,
    )


def base_entry(row: BaseRow) -> BaseEntry:
    parent, name, kind, version, *stat, length, digest, checksum, bit = row
    return BaseEntry(
        NodeKey(parent),
        name,
        Kind.FOLDER if kind else Kind.FILE,
        version,
        Fingerprint(*stat),
        None if kind else Content(length, digest, checksum),
        _flag(bit),
    )


def base_cells(entry: BaseEntry) -> tuple[Cell, ...]:
    content = entry.content
    return (
        entry.parent,
        entry.name,
        _kind(entry.kind),
        entry.version,
        *fingerprint_cells(entry.fingerprint),
        content.size if content else 0,
        content.digest if content else None,
        content.checksum if content else None,
        _cell(entry.executable),
    )


def reads_back(
    entry: LocalEntry | RemoteEntry | BaseEntry, cells: tuple[Cell, ...] | None = None
) -> bool:
    """Whether the journal will give back just this entry, whose cells (but a remote one's, which
    has no fingerprint) hold its fingerprint from the fifth on."""
    content = entry.content
    if (content is None) is not (entry.kind is Kind.FOLDER):
        return False
    if isinstance(entry, RemoteEntry):
        return True
    if isinstance(entry, LocalEntry) and content and content.size != entry.fingerprint.size:
        return False
    return cells is not None and cells[4:9] == entry.fingerprint


def fingerprint_cells(fingerprint: Fingerprint) -> tuple[int, int, int, int, int]:
    """SQLite's integers are signed 64 bits; some file systems number inodes beyond that."""
    device, inode, size, mtime_ns, ctime_ns = fingerprint
    return _signed(device), _signed(inode), size, _bounded(mtime_ns), _bounded(ctime_ns)


def normal_fingerprint(fingerprint: Fingerprint) -> Fingerprint:
    """As the journal will give it back, so that a fresh look compares equal."""
    return Fingerprint(*fingerprint_cells(fingerprint))


NO_FILE = Fingerprint(0, 0, 0, 0, 0)


def of_no_file(fingerprint: Fingerprint) -> Fingerprint:
    """One that no look will ever show: the content has to be compared."""
    return fingerprint._replace(ctime_ns=-1)


def placeholders(count: int) -> str:
    return ", ".join("?" * count)


def _signed(value: int) -> int:
    return value - (1 << 64) if value >= 1 << 63 else value


def _bounded(value: int) -> int:
    return max(-(1 << 63), min(value, (1 << 63) - 1))


def _kind(kind: Kind) -> int:
    return 0 if kind is Kind.FILE else 1


def _flag(cell: int | None) -> bool | None:
    return None if cell is None else bool(cell)


def _cell(flag: bool | None) -> int | None:
    return None if flag is None else int(flag)
