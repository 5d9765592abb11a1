"""What people do to a tree, on a device or (as another device would) on the server.

An `Action` chooses by number among what is there, so that any action fits any tree: shrinking then
stays simple, and the same action on both sides is a correlated change.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum
from itertools import product

from hypothesis import strategies

from dreamsync.core.nodes import ROOT, Kind, NodeKey, Side
from dreamsync.core.trees import Place, place_of
from tests.support.model import Device
from tests.support.model_server import ModelServer, Refused
from tests.support.trees import fingerprint_of

NAMES = ("a", "b", "c")
TOKENS = ("p", "q", "r", "ss")


class Verb(Enum):
    CREATE = "create"
    MAKE_FOLDER = "make folder"
    EDIT = "edit"
    MOVE = "move"
    RENAME = "rename"
    SWAP = "swap"
    DELETE = "delete"
    REPLACE_KIND = "replace kind"
    TOUCH = "touch"


@dataclass(frozen=True, slots=True)
class Action:
    verb: Verb
    what: int
    where: int
    name: str
    token: str


PURE_MOVES = (Verb.MOVE, Verb.RENAME, Verb.SWAP)


def actions(verbs: Sequence[Verb] = tuple(Verb)) -> strategies.SearchStrategy[Action]:
    """One draw for each action: drawing costs more than planning."""
    fields = (verbs, range(8), range(8), NAMES, TOKENS)
    return strategies.sampled_from([Action(*choice) for choice in product(*fields)])


def act_on_server(server: ModelServer, action: Action) -> None:
    """Does nothing where the server does not allow it."""
    try:
        _act_on_server(server, action)
    except Refused:
        return


def act_on_device(device: Device, action: Action) -> None:
    """Does nothing where the disk does not allow it."""
    try:
        _act_on_device(device, action)
    except Refused:
        return


def _act_on_server(server: ModelServer, action: Action) -> None:
    live = server.live()
    ids = sorted(live)
    folders = ["", *(key for key in ids if live[key].token is None)]
    where = folders[action.where % len(folders)]
    if action.verb in (Verb.CREATE, Verb.MAKE_FOLDER):
        server.create(where, action.name, action.token if action.verb is Verb.CREATE else None)
        return
    if not ids:
        return
    key = ids[action.what % len(ids)]
    node, other = live[key], ids[action.where % len(ids)]
    match action.verb:
        case Verb.EDIT if node.token is not None:
            server.change(key, node.version, token=action.token)
        case Verb.MOVE:
            server.change(key, node.version, place=(where, action.name))
        case Verb.RENAME:
            server.change(key, node.version, place=(node.parent, action.name))
        case Verb.SWAP:
            _swap_on_server(server, key, other)
        case Verb.DELETE:
            server.delete_tree(key)
        case Verb.REPLACE_KIND:
            server.delete_tree(key)
            server.create(node.parent, node.name, action.token if node.token is None else None)
        case _:
            return


def _swap_on_server(server: ModelServer, one: str, other: str) -> None:
    first, second = server.nodes[one], server.nodes[other]
    if one == other or _inside(server, one, other) or _inside(server, other, one):
        return
    spare = (first.parent, "spare")
    server.change(one, first.version, place=spare)
    server.change(other, second.version, place=(first.parent, first.name))
    server.change(one, first.version + 1, place=(second.parent, second.name))


def _inside(server: ModelServer, key: str, folder: str) -> bool:
    while key != "":
        if key == folder:
            return True
        key = server.nodes[key].parent
    return False


def _act_on_device(device: Device, action: Action) -> None:
    trees = device.trees
    nodes = sorted(trees.locals)
    folders = [ROOT, *(node for node in nodes if trees.locals[node].kind is Kind.FOLDER)]
    where = folders[action.where % len(folders)]
    if action.verb in (Verb.CREATE, Verb.MAKE_FOLDER):
        token = action.token if action.verb is Verb.CREATE else None
        _create(device, Place(where, action.name), token)
        return
    if not nodes:
        return
    node, other = nodes[action.what % len(nodes)], nodes[action.where % len(nodes)]
    entry = trees.locals[node]
    match action.verb:
        case Verb.EDIT if entry.kind is Kind.FILE:
            device.put_local(node, place_of(entry), action.token)
            trees.locals[node] = replace(trees.locals[node], content=None)
        case Verb.TOUCH if entry.kind is Kind.FILE:
            _touch(device, node)
        case Verb.MOVE:
            _move(device, node, Place(where, action.name))
        case Verb.RENAME:
            _move(device, node, Place(entry.parent, action.name))
        case Verb.SWAP:
            _swap_on_device(device, node, other)
        case Verb.DELETE:
            _delete(device, node)
        case Verb.REPLACE_KIND:
            _delete(device, node)
            _create(device, place_of(entry), action.token if entry.kind is Kind.FOLDER else None)
        case _:
            return


def _create(device: Device, place: Place, token: str | None) -> None:
    if device.trees.child(Side.LOCAL, *place) is None:
        node = device.trees.new_key()
        device.put_local(node, place, token)
        device.trees.locals[node] = replace(device.trees.locals[node], content=None)


def _touch(device: Device, node: NodeKey) -> None:
    token = device.trees.bytes_on_disk[node]
    device.trees.locals[node] = replace(
        device.trees.locals[node],
        fingerprint=fingerprint_of(node, token, touched=True),
        content=None,
    )


def _move(device: Device, node: NodeKey, place: Place) -> None:
    device._check_free(node, place)
    device.trees.locals[node] = replace(
        device.trees.locals[node], parent=place.parent, name=place.name, disk_name=place.name
    )


def _swap_on_device(device: Device, one: NodeKey, other: NodeKey) -> None:
    trees = device.trees
    if trees.below(Side.LOCAL, one, other) or trees.below(Side.LOCAL, other, one):
        return
    first, second = place_of(trees.locals[one]), place_of(trees.locals[other])
    _move(device, one, Place(ROOT, "spare"))
    _move(device, other, first)
    _move(device, one, second)


def _delete(device: Device, node: NodeKey) -> None:
    for child in device.trees.children(Side.LOCAL, node):
        _delete(device, child)
    del device.trees.locals[node]
    if node not in device.trees.remotes and node not in device.trees.bases:
        device.trees.tombstones.pop(node, None)
