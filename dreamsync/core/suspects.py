"""Bytes that changed although nothing says that somebody changed them.

A program that edits a file leaves a new mtime; a disk that fails, or a power cut that took what was
not flushed, does not. Such bytes are *suspect*: they are never sent over a good version.
"""

from dreamsync.core.nodes import BaseEntry, Content, Fingerprint, Kind, LocalEntry


def is_suspect(known: LocalEntry, seen: Fingerprint) -> bool:
    """Whether a file that changed while nobody watched must be read before it counts as edited:
    something about it is not as it was `known`, but the mtime is."""
    return known.kind is Kind.FILE and known.fingerprint.mtime_ns == seen.mtime_ns


def is_damaged(read: Content, agreed: Content) -> bool:
    """Whether the bytes read are certainly others than those agreed on."""
    return read.equals(agreed) is False


def is_damaged_since(base: BaseEntry, local: LocalEntry, read: Content) -> bool:
    """The same of a suspect file, now read: other bytes than base's under base's mtime."""
    same_time = base.fingerprint.mtime_ns == local.fingerprint.mtime_ns
    return same_time and base.content is not None and is_damaged(read, base.content)
