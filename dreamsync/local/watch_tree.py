"""The tree of watched folders: for each watch descriptor its parent's and its name.

Pure bookkeeping. The descriptor is the folder's identity: it stays when the folder moves, so a
move of a folder with all below it changes one row here.
"""

from dreamsync.local.paths import join


class WatchTree:
    """All watched folders below one root."""

    def __init__(self) -> None:
        self._root: int | None = None
        self._places: dict[int, tuple[int, str]] = {}
        self._by_place: dict[tuple[int, str], int] = {}

    @property
    def root(self) -> int | None:
        return self._root

    def __len__(self) -> int:
        return len(self._places) + (self._root is not None)

    def __contains__(self, watch: int) -> bool:
        return watch == self._root or watch in self._places

    def set_root(self, watch: int) -> None:
        self._root = watch

    def place(self, watch: int, parent: int, name: str) -> None:
        """`watch` is now the folder `name` in `parent`, wherever it was before."""
        self.detach(watch)
        self.detach(self._by_place.get((parent, name), -1))
        self._places[watch] = (parent, name)
        self._by_place[parent, name] = watch

    def at(self, parent: int, name: str) -> int | None:
        return self._by_place.get((parent, name))

    def detach(self, watch: int) -> None:
        """It has left its place; where to will be seen, or never."""
        place = self._places.get(watch)
        if place is not None and self._by_place.get(place) == watch:
            del self._by_place[place]
            self._places[watch] = (-1, place[1])

    def forget(self, watch: int) -> None:
        """The system has ended this watch."""
        self.detach(watch)
        self._places.pop(watch, None)
        if watch == self._root:
            self._root = None

    def path(self, watch: int) -> str | None:
        """The folder's path; None where it is not below the root."""
        names: list[str] = []
        while watch != self._root:
            place = self._places.get(watch)
            if place is None:
                return None
            watch = place[0]
            names.append(place[1])
        return "/".join(reversed(names))

    def path_of(self, watch: int, name: str) -> str | None:
        folder = self.path(watch)
        return None if folder is None else join(folder, name)

    def strays(self) -> list[int]:
        """The watched folders that are not below the root any more."""
        return [watch for watch in self._places if self.path(watch) is None]
