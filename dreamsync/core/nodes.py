"""The nouns of the engine: a node and its entry in each of the three trees.

A *node* is one file or folder whose identity (an integer key that only this journal knows)
survives moves. An *entry* is what one side says of it. No entry holds a path: position is the
parent's key and a name, so that a folder's move changes one entry.
"""

from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple, NewType

NodeKey = NewType("NodeKey", int)

ROOT = NodeKey(1)
"""The synced folder itself: the parent of the topmost entries; it has no entry of its own."""


class Kind(Enum):
    """What a node is. Anything else on a disk (links, sockets, devices) is skipped."""

    FILE = "file"
    FOLDER = "folder"


class Side(Enum):
    """The two sides that change. The third tree, *base*, is what both last agreed on."""

    LOCAL = "local"
    REMOTE = "remote"

    @property
    def other(self) -> "Side":
        return Side.REMOTE if self is Side.LOCAL else Side.LOCAL


@dataclass(frozen=True, slots=True)
class Content:
    """The identity of a file's bytes.

    `digest` decides equality together with `size` (see `digest.py`). `checksum` is the MD5 of the
    whole file in hex; it decides only where a side has no digest. Both are None while the content
    is not yet known, which only a local entry may be.
    """

    size: int
    digest: str | None = None
    checksum: str | None = None

    @property
    def known(self) -> bool:
        return self.digest is not None or self.checksum is not None

    def equals(self, other: "Content") -> bool | None:
        """True or False where it can be told, None where a digest is needed to tell."""
        if self.size != other.size:
            return False
        if self.digest is not None and other.digest is not None:
            return self.digest == other.digest
        if self.checksum is not None and other.checksum is not None:
            return self.checksum == other.checksum
        return None


class Fingerprint(NamedTuple):
    """What `lstat` says of a file: while it stays the same, its content is not read again.

    A change of any field makes the content unknown. `ctime_ns` catches edits that put the old
    mtime back; it is 0 where the system has none. A named tuple and not a dataclass: a scan makes
    and compares one for each file, and a tuple costs a fifth.
    """

    device: int
    inode: int
    size: int
    mtime_ns: int
    ctime_ns: int

    def same_file(self, other: "Fingerprint") -> bool:
        return (self.device, self.inode) == (other.device, other.inode)


@dataclass(frozen=True, slots=True)
class LocalEntry:
    """A node on this disk.

    `name` is the wire name (NFC, unique among its siblings); `disk_name` is the component as it
    stands on this disk, which may be decomposed or mapped. `executable` is None where the system
    has no such bit. A folder's `content` is None.
    """

    parent: NodeKey
    name: str
    kind: Kind
    disk_name: str
    fingerprint: Fingerprint
    content: Content | None = None
    executable: bool | None = None


@dataclass(frozen=True, slots=True)
class RemoteEntry:
    """A node on the server, at `version`. `modified_ns` is the file's own mtime, 0 if not given."""

    parent: NodeKey
    name: str
    kind: Kind
    remote_id: str
    version: int
    content: Content | None = None
    executable: bool | None = None
    modified_ns: int = 0


@dataclass(frozen=True, slots=True)
class Tombstone:
    """A node that the server has deleted: `version` revives it, `confirmed` was a person's answer.

    Kept only while this device still has the node on another side.
    """

    remote_id: str
    version: int
    confirmed: bool = False


@dataclass(frozen=True, slots=True)
class BaseEntry:
    """What both sides last agreed on. `fingerprint` is the disk's at that moment."""

    parent: NodeKey
    name: str
    kind: Kind
    version: int
    fingerprint: Fingerprint
    content: Content | None = None
    executable: bool | None = None
