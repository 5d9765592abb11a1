"""Nodes as the wire shows them: paths derived from parents, MIME types from names."""

import mimetypes
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from functools import lru_cache

from dreamsync.core.nodes import Kind
from dreamsync.server.metadata.records import ROOT_ID, Node
from dreamsync.server.service.clock import moment
from dreamsync.wire.sync_file import SyncFile

Lookup = Callable[[Iterable[str]], Mapping[str, Node]]

_MIME_TYPES = mimetypes.MimeTypes()
"""The table built in to Python: the same on every server, whatever its operating system says."""


class Views:
    """Makes `SyncFile`s of one state of a space; folders' paths are derived once."""

    def __init__(self, lookup: Lookup) -> None:
        self._lookup = lookup
        self._paths: dict[str, str] = {ROOT_ID: ""}

    def of(self, node: Node) -> SyncFile:
        return self.all_of([node])[0]

    def all_of(self, nodes: Iterable[Node]) -> tuple[SyncFile, ...]:
        """In the same order. Ancestors are looked up level by level, not node by node."""
        shown = list(nodes)
        self._learn({node.parent_id for node in shown})
        return tuple(_sync_file(node, self._paths[node.parent_id]) for node in shown)

    def folder_path(self, folder_id: str) -> str:
        """With `/` at the end; empty for the root."""
        self._learn({folder_id})
        return self._paths[folder_id]

    def depth(self, folder_id: str) -> int:
        """How many folders lead there, itself included; 0 for the root."""
        return self.folder_path(folder_id).count("/")

    def forget(self) -> None:
        """A folder has moved: derive anew."""
        self._paths = {ROOT_ID: ""}

    def _learn(self, wanted: set[str]) -> None:
        found: dict[str, Node] = {}
        missing = wanted - self._paths.keys()
        while missing:
            level = self._lookup(missing)
            found.update(level)
            parents = {node.parent_id for node in level.values()}
            # A folder whose tombstone is purged leaves its deleted children without a path above.
            self._paths.update(dict.fromkeys(missing - level.keys(), ""))
            missing = parents - self._paths.keys() - found.keys()
        for folder_id in found:
            self._derive(folder_id, found)

    def _derive(self, folder_id: str, found: Mapping[str, Node]) -> str:
        chain = []
        while folder_id not in self._paths:
            chain.append(folder_id)
            folder_id = found[folder_id].parent_id
        path = self._paths[folder_id]
        for link in reversed(chain):
            path = f"{path}{found[link].name}/"
            self._paths[link] = path
        return path


def mime_type(name: str) -> str:
    """What follows from the last two suffixes is remembered for them."""
    if ":" in name or name.startswith("."):
        return _guessed(name)
    return _remembered(".".join(["name", *name.rsplit(".", 2)[1:]]))


def _guessed(name: str) -> str:
    return _MIME_TYPES.guess_type(name, strict=False)[0] or "application/octet-stream"


_remembered = lru_cache(maxsize=1024)(_guessed)


def _sync_file(node: Node, folder_path: str) -> SyncFile:
    is_file = node.kind is Kind.FILE
    return SyncFile(
        id=node.id,
        name=node.name,
        file_name=folder_path + node.name,
        kind=node.kind,
        version=node.version,
        parent_id=node.parent_id or None,
        file_size=node.size,
        mime_type=mime_type(node.name) if is_file else "",
        checksum=node.checksum,
        digest=node.digest,
        device_id=node.device_id,
        created_at=moment(node.created_ms),
        updated_at=moment(node.updated_ms),
        modified_at=_modified_at(node.modified_ns),
        modified_ns=node.modified_ns,
        executable=node.executable,
        deleted_at=None if node.deleted_ms is None else moment(node.deleted_ms),
        confirmed=node.confirmed,
    )


def _modified_at(modified_ns: int | None) -> datetime | None:
    if modified_ns is None:
        return None
    try:
        return datetime.fromtimestamp(modified_ns / 1_000_000_000, UTC)
    except (OverflowError, ValueError, OSError):
        return None
