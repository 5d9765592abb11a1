"""Three trees as literals, for tests of the planner.

A side is written as words, one for each node: `path[/][#label][:token][+x|-x][~]`.

- A trailing slash makes a folder; folders on the way are made where no word names them.
- A node keeps its label on all sides; without one the label is the path. `b#a:1` is the node that
  is at `a` elsewhere. New nodes at one path on both sides need labels of their own.
- The token stands for the bytes: its length is the size, `?` before it means not yet read.
- `+x` and `-x` are the executable bit, unknown where absent. `~` is a touched mtime.
"""

import re
import zlib
from collections.abc import Collection
from dataclasses import dataclass, field, replace

from dreamsync.core.nodes import (
    ROOT,
    BaseEntry,
    Content,
    Fingerprint,
    Kind,
    LocalEntry,
    NodeKey,
    RemoteEntry,
    Side,
    Tombstone,
)
from dreamsync.core.trees import Place, entry_of, place_of

_WORD = re.compile(
    r"(?P<path>[^#:+~]+?)(?P<slash>/)?(#(?P<label>[^:+~]+))?(:(?P<token>\??[^-+~?]+))?"
    r"(?P<bit>[+-]x)?(?P<touched>~)?"
)


@dataclass(slots=True)
class MemoryTrees:
    """`dreamsync.core.trees.Trees` over plain dictionaries, which tests may change.

    `bytes_on_disk` is what reading a local file would find, by node.
    """

    locals: dict[NodeKey, LocalEntry] = field(default_factory=dict)
    remotes: dict[NodeKey, RemoteEntry] = field(default_factory=dict)
    bases: dict[NodeKey, BaseEntry] = field(default_factory=dict)
    tombstones: dict[NodeKey, Tombstone] = field(default_factory=dict)
    bytes_on_disk: dict[NodeKey, str] = field(default_factory=dict)
    labels: dict[str, NodeKey] = field(default_factory=dict)
    last_key: int = ROOT

    def local(self, node: NodeKey) -> LocalEntry | None:
        return self.locals.get(node)

    def remote(self, node: NodeKey) -> RemoteEntry | None:
        return self.remotes.get(node)

    def base(self, node: NodeKey) -> BaseEntry | None:
        return self.bases.get(node)

    def tombstone(self, node: NodeKey) -> Tombstone | None:
        return self.tombstones.get(node)

    def child(self, side: Side, parent: NodeKey, name: str) -> NodeKey | None:
        for node, entry in self.side(side).items():
            if entry.parent == parent and entry.name == name:
                return node
        return None

    def children(self, side: Side, parent: NodeKey) -> Collection[NodeKey]:
        return [node for node, entry in self.side(side).items() if entry.parent == parent]

    def side(self, side: Side) -> dict[NodeKey, LocalEntry] | dict[NodeKey, RemoteEntry]:
        return self.locals if side is Side.LOCAL else self.remotes

    def nodes(self) -> set[NodeKey]:
        """Every node that any tree knows."""
        return {*self.locals, *self.remotes, *self.bases, *self.tombstones}

    def new_key(self) -> NodeKey:
        self.last_key += 1
        return NodeKey(self.last_key)

    def below(self, side: Side, node: NodeKey, folder: NodeKey) -> bool:
        """Whether `node` is `folder` or lies in it, at any depth, on that side."""
        while node not in (ROOT, folder):
            entry = entry_of(self, side, node)
            assert entry is not None, f"{node} has no way to the root on the {side.value} side"
            node = entry.parent
        return node == folder

    def forget_if_empty(self, node: NodeKey) -> None:
        """A node on no side and without base leaves no tombstone behind."""
        if not (node in self.locals or node in self.remotes or node in self.bases):
            self.tombstones.pop(node, None)


def make_trees(base: str = "", local: str | None = None, remote: str | None = None) -> MemoryTrees:
    """Trees from three literals; a side left out is the same as base."""
    trees = MemoryTrees()
    for node, word in _parse(trees, base).items():
        trees.bases[node] = _base_entry(node, word)
    for node, word in _parse(trees, base if local is None else local).items():
        trees.locals[node] = _local_entry(node, word)
        trees.bytes_on_disk[node] = word.token
    for node, word in _parse(trees, base if remote is None else remote).items():
        trees.remotes[node] = _remote_entry(node, word, trees.bases.get(node))
    for node in trees.bases.keys() - trees.remotes.keys():
        trees.tombstones[node] = Tombstone(f"id-{node}", 2)
    return trees


def describe(trees: MemoryTrees, side: Side) -> str:
    """A side in the words it is written in, sorted by path, without labels."""
    words = []
    for node, entry in trees.side(side).items():
        path = path_on(trees, side, node)
        if entry.kind is Kind.FOLDER:
            words.append(f"{path}/")
        else:
            words.append(f"{path}:{token_of(trees, side, node)}")
    return " ".join(sorted(words))


def path_on(trees: MemoryTrees, side: Side, node: NodeKey) -> str:
    names: list[str] = []
    while node != ROOT:
        entry = trees.side(side)[node]
        names.append(entry.name)
        node = entry.parent
        assert len(names) < 500, "a ring of folders"
    return "/".join(reversed(names))


def token_of(trees: MemoryTrees, side: Side, node: NodeKey) -> str:
    if side is Side.LOCAL:
        return trees.bytes_on_disk[node]
    content = trees.remotes[node].content
    assert content is not None
    return token_in(content)


def content_of(token: str) -> Content:
    return Content(size=len(token), digest=f"sha-{token}", checksum=f"md5-{token}")


def token_in(content: Content) -> str:
    assert content.digest is not None
    return content.digest.removeprefix("sha-")


def fingerprint_of(node: NodeKey, token: str, *, touched: bool = False) -> Fingerprint:
    seconds = zlib.crc32(token.encode())
    return Fingerprint(1, node, len(token), seconds * 1_000_000_000 + touched, 0)


def placed(entry: LocalEntry, place: Place) -> LocalEntry:
    return replace(entry, parent=place.parent, name=place.name, disk_name=place.name)


@dataclass(frozen=True, slots=True)
class _Word:
    place: Place
    kind: Kind
    token: str = ""
    read: bool = True
    executable: bool | None = None
    touched: bool = False


def _parse(trees: MemoryTrees, literal: str) -> dict[NodeKey, _Word]:
    words: dict[NodeKey, _Word] = {}
    paths: dict[str, NodeKey] = {"": ROOT}
    for text in literal.split():
        match = _WORD.fullmatch(text)
        assert match is not None, text
        path, token = match["path"], match["token"] or ""
        parent = _folder(trees, words, paths, path.rpartition("/")[0])
        node = _labelled(trees, match["label"] or path)
        assert node not in words, f"{text}: its label is there twice"
        paths[path] = node
        words[node] = _Word(
            place=Place(parent, path.rpartition("/")[2]),
            kind=Kind.FOLDER if match["slash"] else Kind.FILE,
            token=token.removeprefix("?"),
            read=not token.startswith("?"),
            executable={"+x": True, "-x": False, None: None}[match["bit"]],
            touched=bool(match["touched"]),
        )
    return words


def _folder(
    trees: MemoryTrees, words: dict[NodeKey, _Word], paths: dict[str, NodeKey], path: str
) -> NodeKey:
    if path not in paths:
        above, _, name = path.rpartition("/")
        parent = _folder(trees, words, paths, above)
        paths[path] = _labelled(trees, path)
        words[paths[path]] = _Word(Place(parent, name), Kind.FOLDER)
    return paths[path]


def _labelled(trees: MemoryTrees, label: str) -> NodeKey:
    if label not in trees.labels:
        trees.labels[label] = trees.new_key()
    return trees.labels[label]


def _content(word: _Word) -> Content | None:
    return content_of(word.token) if word.kind is Kind.FILE else None


def _base_entry(node: NodeKey, word: _Word) -> BaseEntry:
    return BaseEntry(
        *word.place, word.kind, 1, fingerprint_of(node, word.token), _content(word), word.executable
    )


def _local_entry(node: NodeKey, word: _Word) -> LocalEntry:
    return LocalEntry(
        *word.place,
        word.kind,
        word.place.name,
        fingerprint_of(node, word.token, touched=word.touched),
        _content(word) if word.read else None,
        word.executable,
    )


def _remote_entry(node: NodeKey, word: _Word, base: BaseEntry | None) -> RemoteEntry:
    content = _content(word)
    changed = base is not None and (
        content != base.content
        or word.place != place_of(base)
        or (word.executable is not None and word.executable != base.executable)
    )
    version = 2 if changed else 1
    return RemoteEntry(*word.place, word.kind, f"id-{node}", version, content, word.executable)
