"""The end of a run: are all trees equal, and is everything that was ever settled still somewhere?

Contents of a script are looked for as bytes, by SHA-256 (which is the digest of one so small): in
the folders, in the local trashes, and in every version that the server says it has, downloaded.
"""

import hashlib
import os
import time
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from dreamsync.core.conflicts import is_conflict_name
from dreamsync.core.digest import BLOCK, ContentHasher
from dreamsync.core.mapping import wire_names
from dreamsync.core.nodes import Kind
from dreamsync.core.status import State as DeviceState
from tests.support.chaos import Chaos, composed, folded
from tests.support.contents import split
from tests.support.e2e import Instance, wait_until
from tests.support.server_view import ServerView


@dataclass(frozen=True, slots=True)
class Item:
    """What is compared. `digest` is None for a folder."""

    digest: str | None
    executable: bool = False


Tree = Mapping[str, Item]
"""By the path as it travels (NFC, twins mapped)."""


def tree_on_disk(folder: Path) -> dict[str, Item]:
    found: dict[str, Item] = {}
    for path, wire_path in walk(folder):
        if path.is_symlink():
            continue
        if path.is_dir():
            found[wire_path] = Item(None)
        else:
            found[wire_path] = Item(digest_of(path), bool(path.stat().st_mode & 0o100))
    return found


def walk(folder: Path, wire_folder: str = "") -> Iterator[tuple[Path, str]]:
    """Everything below with its wire path; what is ours is left out."""
    names = [name for name in os.listdir(folder) if name != ".dreamsync"]
    for disk_name, wire_name in wire_names(names).items():
        path, wire_path = folder / disk_name, f"{wire_folder}{wire_name}"
        yield path, wire_path
        if path.is_dir() and not path.is_symlink():
            yield from walk(path, f"{wire_path}/")


def digest_of(path: Path) -> str:
    hasher = ContentHasher(path.stat().st_size)
    with path.open("rb") as file:
        while piece := file.read(BLOCK):
            hasher.update(piece)
    return hasher.digest


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def tree_on_server(view: ServerView) -> dict[str, Item]:
    """As it lists itself."""
    return {
        file.file_name: Item(None)
        if file.kind is Kind.FOLDER
        else Item(file.digest, bool(file.executable))
        for file in view.live()
    }


def differences(one: Tree, other: Tree, *, most: int = 12) -> list[str]:
    paths = sorted(path for path in {*one, *other} if one.get(path) != other.get(path))
    return [f"{path}: {one.get(path)} | {other.get(path)}" for path in paths[:most]]


def converge(
    devices: Sequence[Instance],
    view: ServerView,
    *,
    seconds: float,
    meanwhile: Callable[[], object] = lambda: None,
) -> Tree:
    """Wait until all daemons are idle at the server's head and all trees equal the server's; that
    tree. `meanwhile` is called again and again, for what a person would do."""

    began, said = time.monotonic(), ""

    def converged() -> Tree | None:
        nonlocal said
        meanwhile()
        waiting = "; ".join(_not_at_rest(device, view) for device in devices).strip("; ")
        server = None if waiting else tree_on_server(view)
        if server is not None:
            unequal = {one.name: differences(tree_on_disk(one.folder), server) for one in devices}
            waiting = f"unequal to the server: {unequal}" if any(unequal.values()) else ""
        if waiting != said:
            print(f"{time.monotonic() - began:.1f} s: {waiting or 'all is equal'}")
            said = waiting
        assert not waiting, waiting
        return server

    return wait_until(converged, "equal trees everywhere", seconds=seconds)


def _not_at_rest(device: Instance, view: ServerView) -> str:
    """Why this device is not idle at the server's head; empty where it is."""
    status = device.answer()
    if status.state is not DeviceState.IDLE or status.pending:
        return f"{device.name} is {status.state.value}, {status.pending} pending, {status.problems}"
    return "" if status.cursor == view.cursor else f"{device.name} is not at head"


@dataclass
class Census:
    """Where each content was found, by its SHA-256."""

    places: dict[str, list[str]] = field(default_factory=dict)
    downloaded: int = 0

    def count_trees(self, folders: Iterable[Path]) -> None:
        for folder in folders:
            for path, wire_path in walk(folder):
                if path.is_file() and not path.is_symlink():
                    self._found(sha256_of(path), f"{folder.parent.name}:{wire_path}")

    def count_trash(self, folders: Iterable[Path]) -> None:
        for folder in folders:
            for path in (folder.parent / ".dreamsync" / "trash").rglob("*"):
                if path.is_file() and path.name != "item.json":
                    self._found(sha256_of(path), f"{folder.parent.name}: trash")

    def count_server(self, view: ServerView, *, only: Callable[[str], bool]) -> None:
        """Every kept version of every node, live or deleted, whose digest is wanted."""
        for file in [*view.live(), *view.trash()]:
            if file.kind is Kind.FILE:
                self._count_versions(view, file.id, only)

    def _count_versions(self, view: ServerView, file_id: str, only: Callable[[str], bool]) -> None:
        seen: set[str] = set()
        for version in view.versions(file_id):
            digest = str(version["digest"])
            if digest in seen or not version["available"] or not only(digest):
                continue
            seen.add(digest)
            body = view.download(file_id, cast("int", version["version"]))
            self.downloaded += 1
            assert hashlib.sha256(body).hexdigest() == digest, (file_id, version)
            self._found(digest, "server history")

    def _found(self, digest: str, place: str) -> None:
        self.places.setdefault(digest, []).append(place)


@dataclass(frozen=True, slots=True)
class Figures:
    contents: int
    settled: int
    live: int
    conflict_copies: int
    downloaded: int


def take_census(
    chaos: Chaos, folders: Sequence[Path], view: ServerView, acknowledged: set[str]
) -> Figures:
    """All that the script's lineage promises of converged folders, each directly below its synced
    one; `AssertionError` for a promise that is broken."""
    census = Census()
    census.count_trees(folders)
    census.count_trash(folders)
    wanted = {state.digest for state in chaos.lineage.states.values()}
    census.count_server(view, only=wanted.__contains__)
    settled = [
        state
        for state in chaos.lineage.states.values()
        if chaos.lineage.must_be_kept(state, acknowledged)
    ]
    lost = [state for state in settled if state.digest not in census.places]
    assert not lost, f"{len(lost)} contents that were settled are nowhere: {lost[:5]}"
    live = [Path(folder, name) for folder in folders[:1] for name in _files(folder)]
    _check_live(chaos, live)
    copies = _check_conflicts(chaos, folders[0])
    _check_empty_folders(chaos, folders[0])
    _check_spelling(chaos, folders)
    contents = sum(1 for state in chaos.lineage.states.values() if state.digest)
    return Figures(contents, len(settled), len(live), copies, census.downloaded)


def _files(folder: Path) -> Iterator[Path]:
    return (path for path, _ in walk(folder) if path.is_file() and not path.is_symlink())


def _check_live(chaos: Chaos, files: Sequence[Path]) -> None:
    """What nobody edited or deleted since is in the tree, once. Equal files that two devices made
    under one name are one, unless the script took one of them elsewhere before they met."""
    places = defaultdict[str, list[Path]](list)
    for path in files:
        places[split(path.read_bytes())[0]].append(path)
    leaves = {state.token: state for state in chaos.lineage.leaves()}
    missing = [leaf for leaf in leaves.values() if leaf.token not in places]
    assert not missing, f"edits that nobody undid are gone from the tree: {missing[:5]}"
    doubled = [
        places[token]
        for token in leaves
        if len(places[token]) > 1 + chaos.lineage.is_twin(token)
        or (len(places[token]) > 1 and any(is_conflict_name(path.name) for path in places[token]))
    ]
    assert not doubled, f"in the tree more than once: {doubled[:5]}"


def _check_conflicts(chaos: Chaos, folder: Path) -> int:
    """Conflict copies are only where both sides edited; that each side's edit is there at all
    `_check_live` has seen."""
    copies = [path for path, _ in walk(folder) if is_conflict_name(path.name)]
    for path in copies:
        if folded(path.name) in chaos.contested_names:
            continue
        assert path.is_file(), f"a folder that only one side touched: {path}"
        token = split(path.read_bytes())[0]
        assert chaos.lineage.both_sides_edited(token), f"only one side edited {path} ({token})"
    return len(copies)


def _check_empty_folders(chaos: Chaos, folder: Path) -> None:
    names = {composed(path.name) for path, _ in walk(folder) if path.is_dir()}
    gone = chaos.empty_folders - names
    assert not gone, f"empty folders are gone: {sorted(gone)}"


def _check_spelling(chaos: Chaos, folders: Sequence[Path]) -> None:
    """Only the script itself ever wrote a decomposed name, and only on the device where it did."""
    for folder, desk in zip(folders, chaos.desks, strict=True):
        own = chaos.decomposed.get(desk.name, set())
        for path, _ in walk(folder):
            plain = unicodedata.is_normalized("NFC", path.name)
            assert plain or path.name in own, f"{desk.name} shows broken jamo: {path}"
