"""Positions: where a request wants a node to be, checked against the tree as it is."""

from dataclasses import dataclass

from dreamsync.core.names import wire_name_problem
from dreamsync.core.nodes import Kind
from dreamsync.server.metadata.records import ROOT_ID, Change, Node
from dreamsync.server.service.draft import Draft
from dreamsync.server.service.errors import Conflict, ConflictCode, Invalid
from dreamsync.server.service.requests import ParentPlace, PathPlace, Place

MOST_DEPTH = 100
"""How many components a path may have."""


@dataclass(frozen=True, slots=True)
class Position:
    """`name` in the folder reached from `parent_id` by making the folders `missing`."""

    parent_id: str
    missing: tuple[str, ...]
    name: str

    def occupant(self, draft: Draft) -> Node | None:
        return None if self.missing else draft.child(self.parent_id, self.name)


def require_place(place: Place | None) -> Place:
    if place is None:
        raise Invalid.request("Give fileName, or parentId and name.")
    return place


def locate(draft: Draft, place: Place, *, height: int = 0) -> Position:
    """The position of a node with `height` levels below it.

    Raise `Invalid` for names and depth, `Conflict` (parentDeleted).
    """
    position = _by_path(draft, place) if isinstance(place, PathPlace) else _by_parent(draft, place)
    depth = draft.views.depth(position.parent_id) + len(position.missing) + 1 + height
    if depth > MOST_DEPTH:
        raise Invalid.name(f"The path would be {depth} levels deep; {MOST_DEPTH} are allowed.")
    return position


def make_parents(draft: Draft, position: Position) -> str:
    """Make the missing folders; the id of the parent."""
    parent_id = position.parent_id
    for name in position.missing:
        folder = draft.create(parent_id, name, Kind.FOLDER)
        parent_id = draft.change(folder, folder, Change.CREATED).id
    return parent_id


def is_below(draft: Draft, folder_id: str, ancestor_id: str) -> bool:
    """Whether `folder_id` is `ancestor_id` or lies below it."""
    while folder_id not in (ROOT_ID, ancestor_id):
        folder = draft.node(folder_id)
        folder_id = ROOT_ID if folder is None else folder.parent_id
    return folder_id == ancestor_id


def check_name(name: str) -> None:
    problem = wire_name_problem(name)
    if problem is not None:
        raise Invalid.name(f"{ascii(name)[:80]}: {problem.value}.")


def _by_parent(draft: Draft, place: ParentPlace) -> Position:
    check_name(place.name)
    parent_id = place.parent_id or ROOT_ID
    if parent_id != ROOT_ID:
        parent = draft.node(parent_id)
        if parent is None or parent.deleted or parent.kind is not Kind.FOLDER:
            shown = None if parent is None else draft.show(parent)
            raise Conflict.of(ConflictCode.PARENT_DELETED, shown)
    return Position(parent_id, (), place.name)


def _by_path(draft: Draft, place: PathPlace) -> Position:
    *folders, name = place.file_name.split("/")
    for component in (*folders, name):
        check_name(component)
    parent_id = ROOT_ID
    for level, component in enumerate(folders):
        child = draft.child(parent_id, component)
        if child is None:
            return Position(parent_id, tuple(folders[level:]), name)
        if child.kind is not Kind.FOLDER:
            raise Conflict.of(ConflictCode.PARENT_DELETED, draft.show(child))
        parent_id = child.id
    return Position(parent_id, (), name)
