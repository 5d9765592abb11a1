"""When the two sides agree on a node, and what base says then. Decides; changes nothing."""

from dataclasses import replace

from dreamsync.core.nodes import BaseEntry, Kind, LocalEntry, NodeKey, RemoteEntry
from dreamsync.core.reconcile import agrees
from dreamsync.core.trees import Trees, place_of


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
        return True
    return base.content.equals(remote.content) is True
