"""Has a side changed since base? Asked separately of content and of the executable bit."""

from enum import Enum

from dreamsync.core.nodes import BaseEntry, Content, Kind, LocalEntry, RemoteEntry


class Change(Enum):
    """UNKNOWN: the local file must be read to tell."""

    SAME = "same"
    CHANGED = "changed"
    UNKNOWN = "unknown"


def local_content_change(local: LocalEntry, base: BaseEntry) -> Change:
    if local.kind is Kind.FOLDER or local.fingerprint == base.fingerprint:
        return Change.SAME
    return _told(local, _change(_equal(local.content, base.content)))


def remote_content_change(remote: RemoteEntry, base: BaseEntry) -> Change:
    """Where a server gives neither digest nor checksum, its version is all there is to go by."""
    if remote.kind is Kind.FOLDER or remote.version == base.version:
        return Change.SAME
    change = _change(_equal(remote.content, base.content))
    return Change.CHANGED if change is Change.UNKNOWN else change


def sides_differ(local: LocalEntry, remote: RemoteEntry) -> Change:
    """Whether the two sides' contents differ, whatever base says."""
    if local.kind is Kind.FOLDER:
        return Change.SAME
    return _told(local, _change(_equal(local.content, remote.content)))


def executable_differs(one: bool | None, other: bool | None) -> bool:
    """A side that does not know the bit never differs, so that it is not echoed from there."""
    return one is not None and other is not None and one != other


def _told(local: LocalEntry, change: Change) -> Change:
    """What has been read and still cannot be compared (a server that gives no digest) counts as
    changed: reading it again would tell no more."""
    known = local.content is not None and local.content.known
    return Change.CHANGED if known and change is Change.UNKNOWN else change


def _equal(one: Content | None, other: Content | None) -> bool | None:
    if one is None or other is None:
        return None
    return one.equals(other)


def _change(equal: bool | None) -> Change:
    if equal is None:
        return Change.UNKNOWN
    return Change.SAME if equal else Change.CHANGED
