"""Answers about single paths: history, conflicts, listing, ignoring, trash.

Paths are as people type them: relative to the folder, `/` between, in any normalisation.
"""

import os
import unicodedata
from collections.abc import Callable, Sequence
from typing import TypeVar

from dreamsync.control.commands import CommandError, ErrorCode, Keep
from dreamsync.core.conflicts import is_conflict_name, original_name
from dreamsync.core.ignore import IGNORE_FILE, IgnoreRules
from dreamsync.core.nodes import ROOT, Fingerprint, Kind, NodeKey, RemoteEntry, Side
from dreamsync.core.status import ConflictCopy, ListedItem
from dreamsync.core.trees import entry_of
from dreamsync.daemon.item_states import ItemStates
from dreamsync.engine.context import Context
from dreamsync.journal.told import ConflictRecord
from dreamsync.local.protocol import DiskError, NameTaken, TrashItem
from dreamsync.message import N_, message_of
from dreamsync.remotes.protocol import KeptVersion
from dreamsync.system_errors import system_reason
from dreamsync.wire.sync_file import SyncFile

_Answer = TypeVar("_Answer")
Caller = Callable[[Callable[[], _Answer]], _Answer]


class Queries:
    """All but `history` and `restore` belong to the engine's thread."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._trees = context.journal.trees
        self.states = ItemStates(context)

    def conflicts(self) -> Sequence[ConflictCopy]:
        """Those that still exist; what was resolved by hand in a file manager is forgotten."""
        found: list[ConflictCopy] = []
        for record in self._context.journal.conflicts.all():
            local = self._trees.local(record.node)
            if local is not None and is_conflict_name(local.name):
                path = self._context.path(record.node)
                found.append(
                    ConflictCopy(path, self._original(record), record.at_ms, local.fingerprint.size)
                )
        return found

    def _original(self, record: ConflictRecord) -> str:
        path = self._context.path(record.node)
        folder, _slash, name = path.rpartition("/")
        plain = original_name(name)
        return f"{folder}/{plain}" if folder else plain

    def resolve_conflict(self, path: str, keep: Keep) -> Sequence[str]:
        """The paths that changed. What loses goes to the trash."""
        record, copy, original = self._conflict(path)
        disk = self._context.disk
        if keep is not Keep.BOTH:
            loser = copy if keep is Keep.THEIRS else original
            local = self._local(loser)
            if local is not None:
                disk.trash_file(loser, expect=local, reason="conflict resolved")
        if keep is Keep.MINE:
            expect = self._local(copy)
            disk.move(copy, original, expect=expect, kind=Kind.FILE)
        folder = original.rpartition("/")[0]
        disk.sync_folders([folder])
        with self._context.journal.transaction():
            self._context.journal.conflicts.remove(record.node)
        return [copy, original]

    def _conflict(self, path: str) -> tuple[ConflictRecord, str, str]:
        wanted = _normal(path)
        for record in self._context.journal.conflicts.all():
            copy, original = self._context.path(record.node), self._original(record)
            if wanted in {copy, original} and self._trees.local(record.node) is not None:
                return record, copy, original
        raise CommandError(
            ErrorCode.NOT_FOUND,
            N_("{path} is no conflict.", path=path),
            path,
            N_("`dreamsync conflicts` lists those there are."),
        )

    def _local(self, path: str) -> Fingerprint | None:
        seen = self._context.disk.look(path)
        return seen.fingerprint if seen else None

    def remote_id(self, path: str) -> str:
        """Of a live node, or of one that this device has seen deleted."""
        node = self._resolve(path, Side.LOCAL) or self._resolve(path, Side.REMOTE)
        remote_id = self._trees.remote_id(node) if node is not None else None
        return remote_id or self._deleted(path).id

    def _deleted(self, path: str) -> SyncFile:
        wanted = _normal(path)
        if self._context.remote.status().capabilities.trash:
            for file in self._context.remote.trash():
                if file.file_name == wanted:
                    return file
        raise CommandError(
            ErrorCode.NOT_FOUND,
            N_("Neither this computer nor the server knows {path}.", path=path),
            path,
            N_("Paths are relative to the synced folder; `dreamsync ls` lists them."),
        )

    def history(self, remote_id: str) -> Sequence[KeptVersion]:
        self._need(offered=self._context.remote.status().capabilities.versions)
        return self._context.remote.versions(remote_id)

    def restore(self, path: str, version: int | None, call: Caller[str]) -> None:
        remote_id = call(lambda: self.remote_id(path))
        versions = self.history(remote_id)
        current = self._context.remote.current(remote_id)
        chosen = version if version is not None else _version_before(versions, current)
        if chosen is None or chosen not in {kept.version for kept in versions}:
            raise CommandError(
                ErrorCode.NOT_FOUND,
                N_("There is no such earlier version of {path}.", path=path),
                path,
                N_("`dreamsync history {path}` lists those there are.", path=path),
            )
        self._context.remote.restore(
            remote_id,
            version=chosen,
            base_version=current.version,
            key=self._context.random.token(),
        )

    def _need(self, *, offered: bool) -> None:
        if not offered:
            raise CommandError(ErrorCode.NOT_OFFERED, N_("This server keeps no version history."))

    def list_items(self, path: str, rules: IgnoreRules) -> Sequence[ListedItem]:
        """What is directly in a folder, on either side."""
        folder = ROOT if not _normal(path) else self._resolve(path, Side.LOCAL)
        folder = folder or self._resolve(path, Side.REMOTE)
        if folder is None:
            self._deleted(path)
            return []
        nodes = {*self._trees.children(Side.LOCAL, folder)}
        nodes.update(self._trees.children(Side.REMOTE, folder))
        items = [item for node in nodes if (item := self._listed(node, rules))]
        return sorted(items, key=lambda item: (item.kind != Kind.FOLDER.value, item.path))

    def _listed(self, node: NodeKey, rules: IgnoreRules) -> ListedItem | None:
        local, remote = self._trees.local(node), self._trees.remote(node)
        entry = local or remote
        if entry is None:
            return None
        path = self._context.path(node)
        size = local.fingerprint.size if local and local.kind is Kind.FILE else 0
        if isinstance(entry, RemoteEntry) and entry.content is not None:
            size = entry.content.size
        return ListedItem(
            path=path,
            kind=entry.kind.value,
            size=size,
            state=self.states.of_node(node, path, rules),
            remote_id=self._trees.remote_id(node),
            version=remote.version if remote else 0,
        )

    def explain_ignore(self, path: str, rules: IgnoreRules) -> str | None:
        seen = self._context.disk.look(path)
        rule = rules.explain(_normal(path), seen.kind if seen else Kind.FILE)
        if rule is None:
            return None
        if rule.source is None:
            return N_("{pattern} (built in)", pattern=rule.pattern)
        return f"{rule.source}:{rule.line}: {rule.pattern}"

    def add_ignore(self, pattern: str, folder: str) -> None:
        """Appended and not rewritten, so that nothing else in the file can change."""
        if "\n" in pattern or not pattern.strip():
            raise CommandError(ErrorCode.USAGE, N_("A pattern is one line of text."))
        path = os.path.join(folder, IGNORE_FILE)
        try:
            with open(path, "a+", encoding="utf-8") as file:
                file.seek(0)
                text = file.read()
                if pattern not in text.splitlines():
                    separator = "" if not text or text.endswith("\n") else "\n"
                    file.write(f"{separator}{pattern}\n")
        except OSError as error:
            raise CommandError(
                ErrorCode.FAILED,
                N_("{path} cannot be written: {reason}", path=path, reason=system_reason(error)),
                IGNORE_FILE,
            ) from error

    def restore_from_trash(self, item_id: str) -> str:
        item = self._trash_item(item_id)
        for path in _free_paths(item.path):
            try:
                self._context.disk.restore_from_trash(item.id, path)
                return path
            except NameTaken:
                continue
            except DiskError as error:
                raise CommandError(ErrorCode.FAILED, message_of(error), item.path) from error
        raise AssertionError("there is always another name")

    def _trash_item(self, item_id: str) -> TrashItem:
        wanted = _normal(item_id)
        for item in self._context.disk.trash():
            if item_id == item.id or wanted == item.path:
                return item
        raise CommandError(
            ErrorCode.NOT_FOUND,
            N_("The trash holds no {id}.", id=item_id),
            item_id,
            N_("`dreamsync trash` lists what there is."),
        )

    def _resolve(self, path: str, side: Side) -> NodeKey | None:
        node: NodeKey = ROOT
        for name in _normal(path).split("/"):
            child = self._trees.child(side, node, name)
            if child is None or entry_of(self._trees, side, child) is None:
                return None
            node = child
        return node


def _version_before(versions: Sequence[KeptVersion], current: SyncFile) -> int | None:
    """The newest kept version that is not what is live now; of a deleted node its last content."""
    for kept in versions:
        if not kept.available or kept.change == "deleted":
            continue
        if current.deleted or kept.digest != current.digest:
            return kept.version
    return None


def _free_paths(path: str) -> "Sequence[str]":
    stem, dot, extension = path.rpartition(".")
    if not dot or "/" in extension:
        stem, extension = path, ""
    return [path, *(f"{stem} (restored {number}){dot}{extension}" for number in range(1, 1000))]


def _normal(path: str) -> str:
    return unicodedata.normalize("NFC", path.strip("/").removeprefix("./"))
