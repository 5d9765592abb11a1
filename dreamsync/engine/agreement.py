"""When the two sides agree on a node, and what base says then. Decides; changes nothing."""

from dataclasses import replace

from dreamsync.core.nodes import BaseEntry, Kind, LocalEntry, NodeKey, RemoteEntry
from dreamsync.core.reconcile import agrees
from dreamsync.core.trees import Trees, place_of
from dreamsync.journal.records import Intent
from dreamsync.journal.rows import NO_FILE, of_no_file


def is_at_rest(trees: Trees, node: NodeKey) -> bool:
    """Whether all three trees say the same: the planner has nothing to do."""
    local, remote, base = trees.local(node), trees.remote(node), trees.base(node)
    if local is None or remote is None or base is None:
        return False
    same_content = local.kind is Kind.FOLDER or (
        local.content is not None
        and remote.content is not None
        and local.content.equals(remote.content) is True
    )
    same_bit = local.executable is None or remote.executable in {None, local.executable}
    same_place = place_of(local) == place_of(remote)
    return same_content and same_bit and same_place and agrees(base, local, remote)


def stands_as_agreed(trees: Trees, node: NodeKey) -> bool:
    """Whether what is to be adopted is as base has it on this disk. What is not may stand there
    since a moment ago, or be the effect of a job whose fsync failed: it is made durable first."""
    local, base = trees.local(node), trees.base(node)
    if local is None or base is None or place_of(local) != place_of(base):
        return False
    return local.kind is Kind.FOLDER or local.fingerprint == base.fingerprint


def adopted(local: LocalEntry, remote: RemoteEntry) -> BaseEntry:
    """Base of two sides that are equal; what one does not say of the content the other may."""
    content = remote.content
    if content is not None and local.content is not None:
        content = replace(
            content,
            digest=content.digest or local.content.digest,
            checksum=content.checksum or local.content.checksum,
        )
    return BaseEntry(
        remote.parent,
        remote.name,
        remote.kind,
        remote.version,
        local.fingerprint,
        content,
        local.executable if remote.executable is None else remote.executable,
    )


def content_agreed(base: BaseEntry, remote: RemoteEntry) -> bool:
    if base.content is None or remote.content is None:
        return base.content is remote.content
    return base.content.equals(remote.content) is True


def after_own(
    base: BaseEntry | None, entry: RemoteEntry, intent: Intent, before: RemoteEntry | None
) -> BaseEntry | None:
    """Base once the server has `entry` of this device, whose answer never came; None where nothing
    can be said. `before` is what the server had until then.

    Of several changes sent on the same version one may arrive for another: which it was is told by
    what differs from before, and where that is unknown, by the intent. Which content it was nobody
    knows, nor whether this journal, which may be an older one, was there when it was sent: the file
    has to be read to tell whether it is still that.
    """
    known = before if before is not None and before.version == intent.base_version else None
    if intent.fingerprint == NO_FILE and intent.base_version:
        return _after_own_change(base, entry, known) if base is not None else None
    new = BaseEntry(
        parent=entry.parent,
        name=entry.name,
        kind=entry.kind,
        version=entry.version,
        fingerprint=of_no_file(intent.fingerprint),
        content=entry.content,
        executable=entry.executable,
    )
    if base is None:
        return new
    fingerprint = base.fingerprint if content_agreed(base, entry) else new.fingerprint
    moved = known is not None and place_of(known) != place_of(entry)
    place = place_of(entry if moved else base)
    return replace(new, parent=place.parent, name=place.name, fingerprint=fingerprint)


def _after_own_change(base: BaseEntry, entry: RemoteEntry, known: RemoteEntry | None) -> BaseEntry:
    """No content was sent: what the server has of it is agreed on only where it was before."""
    moved = known is None or place_of(known) != place_of(entry)
    place = place_of(entry if moved else base)
    new_bit = known is not None and known.executable != entry.executable
    return replace(
        base,
        parent=place.parent,
        name=place.name,
        executable=entry.executable if new_bit else base.executable,
        version=entry.version if content_agreed(base, entry) else base.version,
    )
