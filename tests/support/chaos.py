"""A seeded script of people at work on two computers at once, with everything noted in a lineage.

Names carry a number that no other name has, so that files meet under one name only where the script
means them to. What a step finds under a path decides what its edit came from; where dreamsync moves
the file away between a step's look and its act, the step is another one.
"""

import os
import re
import threading
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Literal

from dreamsync.core.conflicts import original_name
from dreamsync.core.mapping import MARK
from tests.support.contents import compose, new_body, new_token, split
from tests.support.lineage import Lineage

_WORDS = ("note", "photo", "draft", "Report", "사진", "여행 기록", "회의록", "Ünïcode")
_ENDINGS = (".txt", ".md", ".jpg", "", ".tar.gz")
_SMALL = (0, 100, 1_000, 5_000, 20_000)
_LARGE = (300_000, 900_000, 2_500_000)
_TRIES = 40
_DECOMPOSED_TWIN = f"{MARK}NFD"
_STEPPED_ASIDE = re.compile(r" \(\d+\)\Z")

Form = Literal["NFC", "NFD"]


class Missed(Exception):
    """There is nothing to do this to, or it changed under the hands of the script."""


_DRAFT = ".save-"


@dataclass
class Desk:
    """One computer's part of the script: `folder` is where it works, `writing` is held while a
    file there is in between, which is the script's doing and not dreamsync's."""

    name: str
    folder: Path
    writing: threading.Lock = field(default_factory=threading.Lock)

    def files(self) -> list[Path]:
        """But for what a save has not renamed yet: its first bytes may have come from elsewhere."""
        return sorted(path for path in self._all() if path.is_file() and _DRAFT not in path.name)

    def folders(self) -> list[Path]:
        return sorted(path for path in self._all() if path.is_dir())

    def relative(self, path: Path) -> str:
        return str(path.relative_to(self.folder))

    def _all(self) -> Iterator[Path]:
        for folder, folders, files in os.walk(self.folder):
            if ".dreamsync" in folders:
                folders.remove(".dreamsync")
            yield from (Path(folder, name) for name in [*folders, *files])


@dataclass
class Chaos:
    """`deletions_left` keeps the script below the guard; None: no limit."""

    random: Random
    desks: tuple[Desk, Desk]
    deletions_left: int | None = None
    lineage: Lineage = field(default_factory=Lineage)
    done: dict[str, int] = field(default_factory=dict)
    log: list[str] = field(default_factory=list)
    empty_folders: set[str] = field(default_factory=set)
    contested_names: set[str] = field(default_factory=set)
    """Names, folded, of files that became folders, that both sides made, or that have a twin."""
    decomposed: dict[str, set[str]] = field(default_factory=dict)
    """By device: the names that the script itself wrote in decomposed form."""
    _number: int = 0
    _ends: dict[str, str] = field(default_factory=dict)

    def step(self) -> str:
        """One operation on one of the desks; its name."""
        steps, weights = zip(*self._steps().items(), strict=True)
        for _ in range(_TRIES):
            act = self.random.choices(steps, weights)[0]
            desk = self.random.choice(self.desks)
            try:
                with desk.writing:
                    act(desk)
            except (Missed, FileNotFoundError, NotADirectoryError, FileExistsError, OSError):
                continue
            name = str(act.__name__)
            self.done[name] = self.done.get(name, 0) + 1
            return name
        raise AssertionError("nothing can be done any more")

    def _steps(self) -> dict[Callable[[Desk], None], int]:
        return {
            self.create: 22,
            self.edit: 14,
            self.append: 10,
            self.truncate: 5,
            self.save_by_rename: 8,
            self.save_with_backup: 5,
            self.move: 10,
            self.move_folder: 5,
            self.delete: 6,
            self.delete_folder: 1,
            self.change_case: 4,
            self.file_to_folder: 4,
            self.folder_to_file: 3,
            self.make_empty_folder: 5,
            self.remove_empty_folder: 1,
            self.edit_on_both: 4,
            self.create_on_both: 2,
            self.create_same_on_both: 2,
            self.name_in_both_forms: 1,
        }

    # Contents.

    def create(self, desk: Desk) -> None:
        path = self._some_folder(desk) / self._new_name(desk)
        self._write_new(desk, path, parent=None)

    def edit(self, desk: Desk) -> None:
        self._rewrite(desk, self._some_file(desk), lambda body: self._new_body())

    def append(self, desk: Desk) -> None:
        self._rewrite(desk, self._some_file(desk), lambda body: body + self._body(500))

    def truncate(self, desk: Desk) -> None:
        self._rewrite(desk, self._some_file(desk), lambda body: body[: len(body) // 2])

    def save_by_rename(self, desk: Desk) -> None:
        """A new file beside it takes its place, as most editors save."""
        path = self._some_file(desk)
        parent, seen = self._token_at(path)
        temporary = path.with_name(f".{path.name[:60]}{_DRAFT}{self._count()}")
        token, data = self._compose(self._new_body())
        temporary.write_bytes(data)
        if _identity(path) != seen:
            temporary.unlink()
            raise Missed
        temporary.rename(path)
        self._note_write(desk, path, token, data, parent)

    def save_with_backup(self, desk: Desk) -> None:
        """The old file steps aside, a new one is written, the old one goes, as others save."""
        path = self._some_file(desk)
        parent, _ = self._token_at(path)
        backup = path.with_name(f"{path.name[:60]}.{self._count()}~")
        path.rename(backup)
        token, data = self._compose(self._new_body())
        _write_new_file(path, data)
        self._note_write(desk, path, token, data, parent)
        backup.unlink()

    def edit_on_both(self, desk: Desk) -> None:
        """The same file at the same moment, if both see the same in it."""
        other = self._other(desk)
        path = self._some_file(desk)
        twin = other.folder / desk.relative(path)
        if not twin.is_file() or self._token_at(path)[0] != self._token_at(twin)[0]:
            raise Missed
        self._rewrite(desk, path, lambda body: self._new_body())
        with other.writing:
            self._rewrite(other, twin, lambda body: self._new_body())

    def create_on_both(self, desk: Desk) -> None:
        folder, name = self._folder_of_both(desk), self._new_name(desk)
        origin = self.lineage.origin(f"{folder}/{name}")
        self.contested_names.add(folded(name))
        other = self._other(desk)
        self._write_new(desk, desk.folder / folder / name, parent=origin)
        with other.writing:
            self._write_new(other, other.folder / folder / name, parent=origin)

    def create_same_on_both(self, desk: Desk) -> None:
        """Equal bytes under one name: adopted, never a conflict."""
        other, folder, name = self._other(desk), self._folder_of_both(desk), self._new_name(desk)
        token, data = self._compose(self._new_body())
        origin = self.lineage.origin(f"{folder}/{name}")
        _write_new_file(desk.folder / folder / name, data)
        self._note_write(desk, desk.folder / folder / name, token, data, origin)
        with other.writing:
            _write_new_file(other.folder / folder / name, data)
        self.decomposed.setdefault(other.name, set()).add(name)
        self.lineage.has_twin(token, device=other.name)

    # Names and places.

    def move(self, desk: Desk) -> None:
        source = self._some_file(desk)
        target = self._some_folder(desk) / self._new_name(desk)
        _rename_new(source, target)
        self._say(desk, f"move {desk.relative(source)} -> {desk.relative(target)}")

    def move_folder(self, desk: Desk) -> None:
        source = self._pick(desk.folders())
        target = self._some_folder(desk) / self._new_name(desk, ending="")
        if target.is_relative_to(source):
            raise Missed
        _rename_new(source, target)
        self.empty_folders.discard(composed(source.name))
        self._say(desk, f"move folder {desk.relative(source)} -> {desk.relative(target)}")

    def change_case(self, desk: Desk) -> None:
        path = self._some_file(desk)
        target = path.with_name(path.name.swapcase())
        if target == path:
            raise Missed
        _rename_new(path, target)
        self.decomposed.setdefault(desk.name, set()).add(target.name)
        self._say(desk, f"case {desk.relative(path)} -> {target.name}")

    def name_in_both_forms(self, desk: Desk) -> None:
        """Two files whose names differ by normalisation only, which some disks tell apart."""
        name = f"한글 이름 {self._count()}.txt"
        folder = self._some_folder(desk)
        # Once one of them is gone, the other takes the name that both fold to.
        self.contested_names.add(folded(name))
        for spelled in (name, unicodedata.normalize("NFD", name)):
            self.decomposed.setdefault(desk.name, set()).add(spelled)
            self._write_new(desk, folder / spelled, parent=None)

    # Ends and kinds.

    def delete(self, desk: Desk) -> None:
        self._delete(desk, self._some_file(desk))

    def delete_folder(self, desk: Desk) -> None:
        self._remove_tree(desk, self._pick(desk.folders()))

    def file_to_folder(self, desk: Desk) -> None:
        path = self._some_file(desk)
        if folded(path.name) in self._ends:
            raise Missed
        end = self._delete(desk, path)
        path.mkdir()
        self._ends[folded(path.name)] = end
        self.contested_names.add(folded(path.name))
        self._write_new(desk, path / self._new_name(desk), parent=None)

    def folder_to_file(self, desk: Desk) -> None:
        """Back again: the file comes after the end of the one that was there before."""
        folder = self._pick([one for one in desk.folders() if folded(one.name) in self._ends])
        self._remove_tree(desk, folder)
        self._write_new(desk, folder, parent=self._ends[folded(folder.name)])

    def make_empty_folder(self, desk: Desk) -> None:
        path = self._some_folder(desk) / self._new_name(desk, ending="")
        path.mkdir()
        self.empty_folders.add(composed(path.name))
        self._say(desk, f"mkdir {desk.relative(path)}")

    def remove_empty_folder(self, desk: Desk) -> None:
        path = self._pick([one for one in desk.folders() if not any(one.iterdir())])
        path.rmdir()
        self.empty_folders.discard(composed(path.name))
        self._say(desk, f"rmdir {desk.relative(path)}")

    # What the steps are made of.

    def _write_new(self, desk: Desk, path: Path, *, parent: str | None) -> None:
        token, data = self._compose(self._new_body())
        _write_new_file(path, data)
        if self.random.random() < 0.15:
            path.chmod(0o755)
        self._note_write(desk, path, token, data, parent)

    def _rewrite(self, desk: Desk, path: Path, change: Callable[[bytes], bytes]) -> None:
        """In place, through one descriptor: what is read is what is overwritten."""
        with path.open("r+b", buffering=0) as file:
            parent, body = split(file.read())
            token, data = self._compose(change(body))
            file.seek(0)
            file.write(data)
            file.truncate()
            written = os.fstat(file.fileno()).st_ino
        if _identity(path) != written:
            self._say(desk, f"{token} went into a file that was displaced meanwhile")
            raise Missed
        self._note_write(desk, path, token, data, parent)

    def _note_write(
        self, desk: Desk, path: Path, token: str, data: bytes, parent: str | None
    ) -> None:
        relative = desk.relative(path)
        self.decomposed.setdefault(desk.name, set()).add(path.name)
        self.lineage.wrote(token, device=desk.name, path=relative, data=data, parent=parent)
        self._say(desk, f"write {token} after {parent} at {relative}")

    def _delete(self, desk: Desk, path: Path) -> str:
        if self.deletions_left == 0:
            raise Missed
        token, _ = self._token_at(path)
        path.unlink()
        if self.deletions_left is not None:
            self.deletions_left -= 1
        self._say(desk, f"delete {token} at {desk.relative(path)}")
        return self.lineage.ended(token, device=desk.name, path=desk.relative(path))

    def _remove_tree(self, desk: Desk, folder: Path) -> None:
        """As `rm -r` does; it stops where something appears behind its back."""
        items = sorted(folder.iterdir())
        files = sum(1 for path in folder.rglob("*") if path.is_file())
        if self.deletions_left is not None and files > self.deletions_left:
            raise Missed
        for path in items:
            if path.is_dir():
                self._remove_tree(desk, path)
            else:
                self._delete(desk, path)
        folder.rmdir()
        self.empty_folders.discard(composed(folder.name))
        self._say(desk, f"rmdir {desk.relative(folder)}")

    def _token_at(self, path: Path) -> tuple[str, int]:
        with path.open("rb") as file:
            token, _ = split(file.read())
            return token, os.fstat(file.fileno()).st_ino

    def _compose(self, body: bytes) -> tuple[str, bytes]:
        token = new_token(self.random)
        return token, compose(token, body)

    def _new_body(self) -> bytes:
        sizes = _LARGE if self.random.random() < 0.04 else _SMALL
        return self._body(self.random.choice(sizes))

    def _body(self, most: int) -> bytes:
        return new_body(self.random, self.random.randint(0, most))

    def _new_name(self, desk: Desk, *, ending: str | None = None) -> str:
        word = self.random.choice(_WORDS)
        extension = self.random.choice(_ENDINGS) if ending is None else ending
        form: Form = self.random.choice(("NFC", "NFC", "NFD"))
        name = unicodedata.normalize(form, f"{word} {self._count()}{extension}")
        self.decomposed.setdefault(desk.name, set()).add(name)
        return name

    def _count(self) -> int:
        self._number += 1
        return self._number

    def _other(self, desk: Desk) -> Desk:
        return self.desks[1] if desk is self.desks[0] else self.desks[0]

    def _some_file(self, desk: Desk) -> Path:
        return self._pick(desk.files())

    def _some_folder(self, desk: Desk) -> Path:
        return self._pick([desk.folder, desk.folder, *desk.folders()])

    def _folder_of_both(self, desk: Desk) -> str:
        other = self._other(desk)
        path = desk.relative(self._some_folder(desk))
        if not (other.folder / path).is_dir():
            raise Missed
        return path

    def _pick(self, paths: list[Path]) -> Path:
        if not paths:
            raise Missed
        return self.random.choice(paths)

    def _say(self, desk: Desk, what: str) -> None:
        at = datetime.now(UTC).time().isoformat("milliseconds")
        self.log.append(f"{at} {desk.name}: {what}")


def composed(name: str) -> str:
    return unicodedata.normalize("NFC", name)


def folded(name: str) -> str:
    """The same for all spellings of a name, as a twin's too, for its conflict copies, and where it
    has stepped aside."""
    name = _STEPPED_ASIDE.sub("", composed(name))
    return original_name(name).replace(_DECOMPOSED_TWIN, "").casefold()


def _identity(path: Path) -> int:
    return path.stat().st_ino


def _write_new_file(path: Path, data: bytes) -> None:
    with path.open("xb") as file:
        file.write(data)


def _rename_new(source: Path, target: Path) -> None:
    if target.exists():
        raise Missed
    source.rename(target)
