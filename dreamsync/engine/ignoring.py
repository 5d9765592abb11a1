"""The ignore rules of the folder as it is, and what a change of them means.

A change of the rules is never a deletion: what is newly ignored loses its local and base rows, so
that this device has no opinion on it any more; what is no longer ignored is joined as a union.
"""

import json

from dreamsync.core.ignore import IGNORE_FILE, IgnoreRules
from dreamsync.core.nodes import ROOT, Kind, LocalEntry, NodeKey, Side
from dreamsync.engine.context import Context
from dreamsync.engine.jobs.reading import FileToRead, read_whole
from dreamsync.local.protocol import DiskError

_LARGEST_IGNORE_FILE = 1024 * 1024


def load_rules(context: Context) -> tuple[IgnoreRules, bool]:
    """The rules, and whether they differ from those of the last time (which are noted)."""
    texts = dict(_texts(context))
    noted = json.dumps(texts, sort_keys=True, ensure_ascii=False)
    if not context.settings.builtin_ignores:
        noted += " without the built-in ones"
    changed = (context.journal.settings.get("ignore_rules") or "{}") != noted
    if changed:
        context.journal.settings.set("ignore_rules", noted)
    return IgnoreRules(texts, built_in=context.settings.builtin_ignores), changed


def apply_rules(context: Context, rules: IgnoreRules) -> None:
    """Let go of what is ignored now, and look again at what this disk does not have."""
    _release_ignored(context, rules, ROOT, "")
    for node in context.journal.trees.remote_only():
        context.journal.trees.mark_dirty(node)


def _release_ignored(
    context: Context, rules: IgnoreRules, folder: NodeKey, folder_path: str
) -> None:
    trees = context.journal.trees
    for node in trees.children(Side.LOCAL, folder):
        entry = trees.local(node)
        if entry is None:
            continue
        path = f"{folder_path}/{entry.name}" if folder_path else entry.name
        if rules.matches(path, entry.kind):
            for ignored in (*trees.descendants(Side.LOCAL, node), node):
                trees.drop_local(ignored)
                trees.drop_base(ignored)
        elif entry.kind is Kind.FOLDER:
            _release_ignored(context, rules, node, path)


def _texts(context: Context) -> list[tuple[str, str]]:
    texts: list[tuple[str, str]] = []
    for node, entry in context.journal.trees.local_by_name(IGNORE_FILE):
        path = context.disk_path(node)
        if path is not None and entry.kind is Kind.FILE:
            text = _read(context, path, entry)
            if text is not None:
                texts.append((path.rpartition("/")[0], text))
    return texts


def _read(context: Context, path: str, entry: LocalEntry) -> str | None:
    if entry.fingerprint.size > _LARGEST_IGNORE_FILE:
        return None
    try:
        body, _ = read_whole(context.disk, FileToRead(path, entry.fingerprint))
    except DiskError:
        return None
    return body.decode("utf-8", errors="replace")
