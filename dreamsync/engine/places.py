"""Where a node is, in the words of the server and of this disk."""

from collections.abc import Iterable, Mapping

from dreamsync.core.mapping import MARK, Siblings, disk_name_for
from dreamsync.core.nodes import ROOT, NodeKey, Side
from dreamsync.core.trees import Place
from dreamsync.engine.context import Context
from dreamsync.remotes.protocol import Position


def position_of(context: Context, place: Place) -> Position | None:
    """For the server; None while it does not have the parent."""
    trees = context.journal.trees
    if place.parent == ROOT:
        return Position(None, place.name, place.name)
    parent = trees.remote(place.parent)
    path = context.path_on(Side.REMOTE, place.parent)
    if parent is None or path is None:
        return None
    return Position(parent.remote_id, place.name, f"{path}/{place.name}")


def disk_path_for(
    context: Context, place: Place, node: NodeKey, made: Mapping[NodeKey, str] | None = None
) -> str | None:
    """The path at which this disk is to have the node; None while the parent is not here.

    `made` are folders that come into being earlier in the same job. A name that this disk cannot
    hold is written in its mapped form.
    """
    parent_path = made.get(place.parent) if made else None
    if parent_path is None:
        parent_path = context.disk_path(place.parent)
    if parent_path is None:
        return None
    siblings = (path.rpartition("/") for path in made.values()) if made else ()
    beside = (name for folder, _, name in siblings if folder == parent_path)
    name = _disk_name(context, place, node, beside)
    return f"{parent_path}/{name}" if parent_path else name


def _disk_name(context: Context, place: Place, node: NodeKey, beside: Iterable[str]) -> str:
    """The form that it has, where that is free. The names taken, by what the tree has and `beside`
    it, matter on disks that fold and for mapped names, and are not asked for on others."""
    traits = context.disk.traits
    trees = context.journal.trees
    local = trees.local(node)
    own = local.disk_name if local is not None and local.name == place.name else None
    stays = local is not None and local.parent == place.parent
    rules = traits.name_rules
    folds = traits.folds_case or traits.folds_normalization
    if own is not None and (stays or not folds):
        return own
    if not folds and MARK not in place.name:
        return disk_name_for(place.name, (), rules) or place.name
    children = trees.local_children(place.parent)
    others = [name for name, (child, _) in children.items() if child != node]
    taken = Siblings([*others, *beside], rules)
    if own is not None and own not in taken:
        return own
    return disk_name_for(place.name, taken, rules) or place.name
