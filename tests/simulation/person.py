"""A person at a device: what they write carries tokens, and what they throw away is noted."""

import random
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field

from dreamsync.core.nodes import Kind
from dreamsync.local.protocol import Sign
from tests.simulation.file_system import FileSystem, Inode
from tests.simulation.scenario import Action, Verb

_PLAIN = ("a.txt", "b.txt", "c", "d", "e.md", "한글.txt")
_TWINS = ("a.txt", "A.txt", "c", "C", unicodedata.normalize("NFD", "한글.txt"), "한글.txt")
_MANY = 28
_PAUSES = (0.0, 0.0, 0.005, 0.02, 0.05, 0.15, 0.35)
"""Seconds between the steps by which a program saves: shorter and longer than an engine waits."""
_TOKEN = re.compile(rb"\[\d{4}\]")


@dataclass(slots=True)
class Tokens:
    """Every content ever written, and the tokens in what somebody has overwritten or deleted.

    `rotten` are contents that a disk has made of others, which they had been: who works on such a
    file makes it theirs, and the good bytes are overwritten."""

    contents: set[bytes] = field(default_factory=lambda: {b""})
    written: dict[bytes, str] = field(default_factory=dict)
    thrown_away: set[bytes] = field(default_factory=set)
    rotten: dict[bytes, bytes] = field(default_factory=dict)

    def fresh(self, where: str, before: bytes = b"") -> bytes:
        number = len(self.written)
        token = b"[%04d]" % number
        self.written[token] = where
        data = before + token + b"." * (number % 3 // 2)
        self.contents.add(data)
        return data

    def throw_away(self, data: bytes) -> None:
        self.thrown_away.update(tokens_in(self.rotten.get(data, data)))

    def rot(self, data: bytes) -> bytes:
        """As long as before, and no content that anybody wrote."""
        rotten = data.translate(bytes.maketrans(b"[]", b"{}"))
        self.rotten[rotten] = data
        self.contents.add(rotten)
        return rotten


def tokens_in(data: bytes) -> set[bytes]:
    return set(_TOKEN.findall(data))


class Person:
    """`tell` gets a line of the story, `hint` each path that the watcher would see,
    with what it would say of it, and `later` what a program does next, drawn from `pace`."""

    def __init__(
        self,
        name: str,
        files: FileSystem,
        tokens: Tokens,
        *,
        twins: bool,
        copies: bool,
        pace: random.Random,
        tell: Callable[[str], None],
        hint: Callable[[str, Sign], None],
        later: Callable[[float, Callable[[], None]], None],
    ) -> None:
        self._name = name
        self._fs = files
        self._tokens = tokens
        self._names = _TWINS if twins else _PLAIN
        self._copies = copies
        self._tell = tell
        self._hint = hint
        self._pace = pace
        self._later = later
        self._deeds: dict[Verb, Callable[[Action], str | None]] = {
            Verb.CREATE: self._create,
            Verb.MAKE_FOLDER: self._make_folder,
            Verb.EDIT: self._edit,
            Verb.APPEND: self._append,
            Verb.EMPTY: self._empty,
            Verb.TOUCH: self._touch,
            Verb.MOVE: self._move,
            Verb.DELETE: self._delete,
            Verb.SWAP: self._swap,
            Verb.SAFE_SAVE: self._safe_save,
            Verb.BACKUP_SAVE: self._backup_save,
            Verb.CHANGE_KIND: self._change_kind,
            Verb.CHMOD: self._chmod,
            Verb.RECASE: self._recase,
            Verb.MANY: self._many,
        }

    def does(self, action: Action) -> bool:
        """Whether there was anything to do it to."""
        done = self._deeds[action.verb](action)
        if done is not None:
            self._tell(f"{self._name}: a person: {action.verb.value}: {done}")
        return done is not None

    def put(self, path: str, data: bytes) -> bool:
        """The same content may come to several devices; False where a folder has the name."""
        there = self._fs.find(path)
        if there is not None and there.kind is Kind.FOLDER:
            return False
        self._write(path, data)
        self._tell(f"{self._name}: a person: writes {path} {data!r}")
        return True

    def locks_some_file(self) -> Inode | None:
        """Edits it first, so that something is to be done about it."""
        files = [item for item in self._fs.walk() if item[1].kind is Kind.FILE]
        if not files:
            return None
        path, inode = files[len(files) // 2]
        self._work_on(path, inode)
        self._fs.write(inode, self._tokens.fresh(path, inode.data), durable=True)
        self._tell(f"{self._name}: a person edits and locks {path}")
        self._hint(path, Sign.FINISHED)
        return inode

    def some_place(self, action: Action) -> str:
        folders = ["", *(path for path, inode in self._fs.walk() if inode.kind is Kind.FOLDER)]
        folder = folders[action.where % len(folders)]
        name = self._names[action.name % len(self._names)]
        return f"{folder}/{name}" if folder else name

    def _some(self, action: Action, kind: Kind | None = None) -> tuple[str, Inode] | None:
        items = [item for item in self._fs.walk() if kind in {None, item[1].kind}]
        return items[action.what % len(items)] if items else None

    def _fullest(self) -> tuple[str, Inode] | None:
        folders = [item for item in self._fs.walk() if item[1].kind is Kind.FOLDER]
        return max(folders, key=lambda item: len(item[1].names), default=None)

    def _write(self, path: str, data: bytes) -> None:
        there = self._fs.find(path)
        if there is None:
            there = self._fs.new(Kind.FILE)
            self._link(path, there)
        if there.kind is Kind.FILE:
            self._tokens.throw_away(there.data)
            self._fs.write(there, data, durable=True)
        self._hint(path, Sign.FINISHED)

    def _link(self, path: str, inode: Inode) -> None:
        folder, _, name = path.rpartition("/")
        self._fs.change(self._fs.cell(self._fs.folder(folder), name, inode), durable=True)

    def _remove(self, path: str) -> None:
        """A folder with all that is in it."""
        for below, inode in reversed([(path, self._fs.resolve(path)), *self._below(path)]):
            self._tokens.throw_away(inode.data)
            folder, _, name = below.rpartition("/")
            self._fs.remove(self._fs.folder(folder), name, durable=True)
            self._hint(below, Sign.GONE)

    def _below(self, path: str) -> list[tuple[str, Inode]]:
        return list(self._fs.walk(self._fs.resolve(path), path))

    def _work_on(self, path: str, inode: Inode) -> None:
        for _, each in [(path, inode), *self._fs.walk(inode, path)]:
            if each.data in self._tokens.rotten:
                self._tokens.throw_away(each.data)

    def _rename(self, source: str, target: str) -> None:
        """Over a file that is there."""
        inode, there = self._fs.resolve(source), self._fs.find(target)
        self._work_on(source, inode)
        if there is not None and there is not inode:
            self._tokens.throw_away(there.data)
        from_folder, _, from_name = source.rpartition("/")
        to_folder, _, to_name = target.rpartition("/")
        inode.ctime_ns = self._fs.now_ns()
        self._fs.change(
            self._fs.cell(self._fs.folder(from_folder), from_name, None),
            self._fs.cell(self._fs.folder(to_folder), to_name, inode),
            durable=True,
        )
        self._hint(source, Sign.LEFT)
        self._hint(target, Sign.RENAMED)

    # The deeds: what was done, in words, or None.

    def _create(self, action: Action) -> str | None:
        path = self.some_place(action)
        there = self._fs.find(path)
        if there is not None and there.kind is Kind.FOLDER:
            return None
        copied = self._some(action, Kind.FILE) if self._copies and action.what % 3 == 0 else None
        data = self._tokens.fresh(path) if copied is None else copied[1].data
        self._write(path, data)
        return f"{path} {data!r}"

    def _make_folder(self, action: Action) -> str | None:
        path = self.some_place(action)
        if self._fs.find(path) is not None or path.count("/") > 3:
            return None
        self._link(path, self._fs.new(Kind.FOLDER))
        self._hint(path, Sign.CHANGING)
        return path

    def _edit(self, action: Action) -> str | None:
        return self._rewrite(action, lambda path, _: self._tokens.fresh(path))

    def _append(self, action: Action) -> str | None:
        found = self._some(action, Kind.FILE)
        if found is None or len(found[1].data) > 60:
            return None
        path, inode = found
        self._work_on(path, inode)
        data = self._tokens.fresh(path, inode.data)
        self._fs.write(inode, data, durable=True)
        self._hint(path, Sign.FINISHED)
        return f"{path} {data!r}"

    def _empty(self, action: Action) -> str | None:
        return self._rewrite(action, lambda _path, _data: b"")

    def _rewrite(self, action: Action, content: Callable[[str, bytes], bytes]) -> str | None:
        found = self._some(action, Kind.FILE)
        if found is None:
            return None
        path, inode = found
        data = content(path, inode.data)
        self._write(path, data)
        return f"{path} {data!r}"

    def _touch(self, action: Action) -> str | None:
        found = self._some(action, Kind.FILE)
        if found is None:
            return None
        self._work_on(*found)
        found[1].mtime_ns = found[1].ctime_ns = self._fs.now_ns()
        self._hint(found[0], Sign.CHANGING)
        return found[0]

    def _chmod(self, action: Action) -> str | None:
        found = self._some(action, Kind.FILE)
        if found is None:
            return None
        self._work_on(*found)
        found[1].executable = not found[1].executable
        found[1].ctime_ns = self._fs.now_ns()
        self._hint(found[0], Sign.CHANGING)
        return f"{found[0]} {found[1].executable}"

    def _move(self, action: Action) -> str | None:
        found = self._some(action)
        if found is None:
            return None
        source, inode = found
        target = self.some_place(action)
        there = self._fs.find(target)
        if target == source or target.startswith(f"{source}/"):
            return None
        if there is not None and there is not inode and Kind.FOLDER in (inode.kind, there.kind):
            return None
        self._rename(source, target)
        return f"{source} -> {target}"

    def _recase(self, action: Action) -> str | None:
        """Only the spelling of a name changes: on a disk that folds it is the same item."""
        found = self._some(action)
        if found is None:
            return None
        source, inode = found
        folder, slash, name = source.rpartition("/")
        target = f"{folder}{slash}{name.swapcase()}"
        if target == source or self._fs.find(target) not in {None, inode}:
            return None
        self._rename(source, target)
        return f"{source} -> {target}"

    def _many(self, action: Action) -> str | None:
        """More files than the guard lets go unasked, in a folder of their own."""
        folder = f"{self.some_place(action)} of many"
        if self._fs.find(folder) is not None or folder.count("/") > 1:
            return None
        self._link(folder, self._fs.new(Kind.FOLDER))
        for number in range(_MANY):
            self._write(f"{folder}/{number}", self._tokens.fresh(f"{folder}/{number}"))
        self._hint(folder, Sign.CHANGING)
        return f"{folder} with {_MANY} files"

    def _delete(self, action: Action) -> str | None:
        """Now and then the folder with the most in it."""
        found = self._fullest() if action.name % 5 == 0 else self._some(action)
        if found is None:
            return None
        self._remove(found[0])
        return found[0]

    def _swap(self, action: Action) -> str | None:
        files = [path for path, inode in self._fs.walk() if inode.kind is Kind.FILE]
        if len(files) < 2:
            return None
        one = files[action.what % len(files)]
        other = files[action.where % len(files)]
        if one == other or not self._has_room_for_file("swapping.tmp"):
            return None
        self._rename(one, "swapping.tmp")
        self._then(
            lambda: self._rename_on(other, one),
            lambda: self._rename_on("swapping.tmp", other),
        )
        return f"{one} <-> {other}"

    def _safe_save(self, action: Action) -> str | None:
        """The new content under another name, then renamed over."""
        found = self._some(action, Kind.FILE)
        if found is None or not self._has_room_for_file(f"{found[0]}.new"):
            return None
        path, data = found[0], self._tokens.fresh(found[0])
        self._write(f"{path}.new", data)
        self._then(lambda: self._rename_on(f"{path}.new", path))
        return f"{path} {data!r}"

    def _backup_save(self, action: Action) -> str | None:
        """The old file aside, the new one written under its name, the old one removed."""
        found = self._some(action, Kind.FILE)
        if found is None or not self._has_room_for_file(f"{found[0]}.old"):
            return None
        path = found[0]
        self._rename(path, f"{path}.old")
        self._then(lambda: self._write_on(path), lambda: self._remove_on(f"{path}.old"))
        return path

    # What follows after a moment, where it is still possible.

    def _then(self, *steps: Callable[[], None]) -> None:
        if not steps:
            return
        pause = self._pace.choice(_PAUSES)

        def go_on() -> None:
            steps[0]()
            self._then(*steps[1:])

        if pause:
            self._later(pause, go_on)
        else:
            go_on()

    def _rename_on(self, source: str, target: str) -> None:
        if self._is_file(source) and self._has_room_for_file(target):
            self._tell(f"{self._name}: a person goes on: {source} -> {target}")
            self._rename(source, target)

    def _write_on(self, path: str) -> None:
        if self._has_room_for_file(path):
            data = self._tokens.fresh(path)
            self._tell(f"{self._name}: a person goes on: writes {path} {data!r}")
            self._write(path, data)

    def _remove_on(self, path: str) -> None:
        if self._is_file(path):
            self._tell(f"{self._name}: a person goes on: removes {path}")
            self._remove(path)

    def _is_file(self, path: str) -> bool:
        inode = self._fs.find(path)
        return inode is not None and inode.kind is Kind.FILE

    def _has_room_for_file(self, path: str) -> bool:
        folder = self._fs.find(path.rpartition("/")[0])
        in_folder = folder is not None and folder.kind is Kind.FOLDER
        return in_folder and (self._fs.find(path) is None or self._is_file(path))

    def _change_kind(self, action: Action) -> str | None:
        found = self._some(action)
        if found is None:
            return None
        path, inode = found
        self._remove(path)
        if inode.kind is Kind.FOLDER:
            data = self._tokens.fresh(path)
            self._write(path, data)
            return f"{path} becomes a file {data!r}"
        self._link(path, self._fs.new(Kind.FOLDER))
        self._hint(path, Sign.CHANGING)
        return f"{path} becomes a folder"
