"""An open folder on Windows: an absolute path, and what is done to names in it.

The same class as in `posix.py`. Windows has no calls relative to an open folder in Python, so
each call looks for reparse points (links, junctions, mounts) on the way down to its folder; the
look and the act are two steps. Only portable calls are used, so its behaviour is tested on every
system. Raises OSError.
"""

import errno
import os
import shutil
import stat
from collections.abc import Iterator
from types import TracebackType

from dreamsync.core.nodes import Fingerprint

_REPARSE_POINT = 0x400
_FILE_FLAGS = getattr(os, "O_BINARY", 0) | getattr(os, "O_NOINHERIT", 0)

HAS_EXECUTABLE_BIT = False


def fingerprint_of(status: os.stat_result) -> Fingerprint:
    """Without ctime, which is the time of creation on Windows."""
    return Fingerprint(status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, 0)


def flush(descriptor: int) -> None:
    os.fsync(descriptor)


def is_link(status: os.stat_result) -> bool:
    """Whether the item leads elsewhere: a symbolic link, a junction or a mounted volume."""
    attributes: int = getattr(status, "st_file_attributes", 0)
    return stat.S_ISLNK(status.st_mode) or bool(attributes & _REPARSE_POINT)


class Folder:
    """A folder by its absolute path. Names given to its methods are plain components."""

    __slots__ = ("path",)

    def __init__(self, path: str) -> None:
        self.path = path

    @classmethod
    def open_root(cls, path: str) -> "Folder":
        """The person's own choice of folder: that path may go through links."""
        if not stat.S_ISDIR(os.stat(path).st_mode):
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), path)
        return cls(_long(os.path.abspath(path)))

    def child(self, path: str) -> "Folder":
        current = self.path
        device = self.status().st_dev
        for component in path.split("/"):
            current = os.path.join(current, component)
            status = os.lstat(current)
            if is_link(status):
                raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), current)
            if not stat.S_ISDIR(status.st_mode):
                raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), current)
            if status.st_dev != device:
                raise OSError(errno.EXDEV, os.strerror(errno.EXDEV), current)
        return Folder(current)

    def __enter__(self) -> "Folder":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Nothing is held open."""

    def _at(self, name: str) -> str:
        return os.path.join(self.path, name)

    def status(self) -> os.stat_result:
        return os.stat(self.path)

    def lstat(self, name: str) -> os.stat_result | None:
        try:
            return os.lstat(self._at(name))
        except FileNotFoundError:
            return None

    def names(self) -> list[str]:
        return os.listdir(self.path)

    def entries(self) -> Iterator[tuple[str, os.stat_result]]:
        """Each name with what `lstat` says; what vanishes meanwhile is left out.

        Not the status that came with the listing: on Windows that has neither device nor inode.
        """
        for name in os.listdir(self.path):
            status = self.lstat(name)
            if status is not None:
                yield name, status

    def open_to_read(self, name: str) -> int:
        self._refuse_link(name)
        return os.open(self._at(name), os.O_RDONLY | _FILE_FLAGS)

    def open_to_resume(self, name: str) -> int:
        self._refuse_link(name)
        return os.open(self._at(name), os.O_RDWR | os.O_CREAT | _FILE_FLAGS, 0o600)

    def create(self, name: str, mode: int = 0o600) -> int:
        """Open a file that must not be there yet."""
        return os.open(self._at(name), os.O_RDWR | os.O_CREAT | os.O_EXCL | _FILE_FLAGS, mode)

    def make_folder(self, name: str, mode: int = 0o777) -> None:
        os.mkdir(self._at(name), mode)

    def unlink(self, name: str) -> None:
        os.unlink(self._at(name))

    def remove_folder(self, name: str) -> None:
        os.rmdir(self._at(name))

    def remove_tree(self, name: str) -> None:
        shutil.rmtree(self._at(name))

    def link(self, name: str, target: "Folder", target_name: str) -> bool:
        """A second name for a file; False where this file system has no hard links."""
        try:
            os.link(self._at(name), target._at(target_name))
        except (FileExistsError, FileNotFoundError):
            raise
        except OSError:
            return False
        return True

    def rename_over(self, name: str, target: "Folder", target_name: str) -> None:
        """MoveFileEx with MOVEFILE_REPLACE_EXISTING: never a moment without the target.

        Not ReplaceFile, which can leave the target missing (ERROR_UNABLE_TO_MOVE_REPLACEMENT).
        """
        os.replace(self._at(name), target._at(target_name))

    def rename_new(self, name: str, target: "Folder", target_name: str) -> None:
        """Rename, EEXIST where something is at the target: so does Windows by itself."""
        if os.name != "nt" and target.lstat(target_name) is not None:
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), target_name)
        os.rename(self._at(name), target._at(target_name))

    def exchange(self, name: str, target: "Folder", target_name: str) -> bool:
        """Windows cannot: False."""
        return False

    def set_mode(self, descriptor: int, mode: int) -> None:
        """Access lists are inherited from the folder and left alone."""

    def set_mtime(self, name: str, mtime_ns: int) -> None:
        self._refuse_link(name)
        os.utime(self._at(name), ns=(mtime_ns, mtime_ns))

    def sync(self) -> None:
        """NTFS journals its folders; Windows has no call for it."""

    def sync_file_system(self) -> None:
        """Only an administrator may ask for it here; NTFS keeps the order of names by itself."""

    def _refuse_link(self, name: str) -> None:
        status = self.lstat(name)
        if status is not None and is_link(status):
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), name)


def _long(path: str) -> str:
    """The form of a path that is not limited to 260 characters."""
    if os.name != "nt" or path.startswith("\\\\?\\"):
        return path
    return f"\\\\?\\UNC\\{path[2:]}" if path.startswith("\\\\") else f"\\\\?\\{path}"
