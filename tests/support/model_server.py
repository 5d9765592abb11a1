"""A server in miniature, which enforces the rules of the contract.

Unique live name in a folder, compare-and-swap by version, parents that exist, no cycles, only empty
folders deleted.
"""

from dataclasses import dataclass, field, replace

TOP = ""


class Refused(Exception):
    """The server, or the disk, does not allow this operation now."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A node on the server; `parent` is an id, empty for the top; `token` is None for a folder."""

    parent: str
    name: str
    token: str | None
    version: int = 1
    executable: bool | None = None
    deleted: bool = False


@dataclass(slots=True)
class ModelServer:
    nodes: dict[str, Stored] = field(default_factory=dict)
    _last_id: int = 0

    def live(self) -> dict[str, Stored]:
        return {key: node for key, node in self.nodes.items() if not node.deleted}

    def children(self, parent: str) -> list[str]:
        return [key for key, node in self.live().items() if node.parent == parent]

    def create(self, parent: str, name: str, token: str | None, bit: bool | None = None) -> str:
        self._check_place(None, parent, name)
        self._last_id += 1
        self.nodes[f"new-{self._last_id}"] = Stored(parent, name, token, executable=bit)
        return f"new-{self._last_id}"

    def change(
        self,
        key: str,
        version: int,
        *,
        place: tuple[str, str] | None = None,
        token: str | None = None,
        executable: bool | None = None,
    ) -> None:
        """Content, place, bit: whatever is given; over a tombstone it revives the node."""
        node = self._at(key, version)
        parent, name = place or (node.parent, node.name)
        self._check_place(key, parent, name)
        self.nodes[key] = Stored(
            parent,
            name,
            node.token if token is None else token,
            version + 1,
            node.executable if executable is None else executable,
        )

    def delete(self, key: str, version: int) -> None:
        node = self._at(key, version)
        if node.deleted:
            raise Refused(f"{key} is deleted already")
        if self.children(key):
            raise Refused(f"{key} is not empty")
        self.nodes[key] = replace(node, version=version + 1, deleted=True)

    def delete_tree(self, key: str) -> None:
        for child in self.children(key):
            self.delete_tree(child)
        self.delete(key, self.nodes[key].version)

    def tree(self) -> dict[str, str | None]:
        """Token by path, None for folders."""
        return {self.path(key): node.token for key, node in self.live().items()}

    def path(self, key: str) -> str:
        node = self.nodes[key]
        return node.name if node.parent == TOP else f"{self.path(node.parent)}/{node.name}"

    def _at(self, key: str, version: int) -> Stored:
        if self.nodes[key].version != version:
            raise Refused(f"{key} is at {self.nodes[key].version}, not {version}")
        return self.nodes[key]

    def _check_place(self, key: str | None, parent: str, name: str) -> None:
        above = parent
        while above != TOP:
            if above == key:
                raise Refused(f"{key} would lie in itself")
            if self.nodes[above].deleted or self.nodes[above].token is not None:
                raise Refused(f"{above} is no folder to put {name!r} in")
            above = self.nodes[above].parent
        for other in self.children(parent):
            if other != key and self.nodes[other].name == name:
                raise Refused(f"{name!r} in {parent!r} is taken by {other}")
