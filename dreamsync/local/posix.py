"""An open folder on Linux and macOS: a directory descriptor, and what is done to names in it.

Whatever is swapped for a symbolic link at any time, no call leaves the folder: paths are opened
component by component (or by `openat2`), never through a link, and everything else is relative to
the descriptor with a plain name. `windows.py` has the same class for Windows. Raises OSError.
"""

import errno
import os
import shutil
import stat
import sys
from collections.abc import Iterator
from types import TracebackType

assert sys.platform != "win32"  # noqa: S101  (type checkers stop here on Windows)

from dreamsync.core.nodes import Fingerprint  # noqa: E402
from dreamsync.local.system_calls import (  # noqa: E402
    FOLDER_FLAGS,
    RenameFlag,
    open_folder_beneath,
    rename_with,
    sync_file_system,
)

# A FIFO swapped in for a file must not block the opener: hence O_NONBLOCK.
_FILE_FLAGS = os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY

_NO_HARD_LINKS = {errno.EPERM, errno.EOPNOTSUPP, errno.ENOTSUP, errno.EMLINK, errno.ENOSYS}

HAS_EXECUTABLE_BIT = True


def fingerprint_of(status: os.stat_result) -> Fingerprint:
    """Made without the named tuple's constructor, which costs three times as much: a scan makes
    one for each file."""
    return tuple.__new__(
        Fingerprint,
        (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns),
    )


def flush(descriptor: int) -> None:
    """fsync that reaches the platter: on macOS `fsync` alone stops at the drive's cache."""
    if sys.platform == "darwin":
        import fcntl

        fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)
    else:
        os.fsync(descriptor)


class Folder:
    """An open folder. Names given to its methods are plain components."""

    __slots__ = ("descriptor",)

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor

    @classmethod
    def open_root(cls, path: str) -> "Folder":
        """The person's own choice of folder: that path may go through links."""
        return cls(os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC))

    def child(self, path: str) -> "Folder":
        """The folder at `path` below this one: ELOOP or ENOTDIR for links, EXDEV for mounts."""
        opened = open_folder_beneath(self.descriptor, path)
        return Folder(self._step_down(path) if opened is None else opened)

    def _step_down(self, path: str) -> int:
        device = os.fstat(self.descriptor).st_dev
        current = os.dup(self.descriptor)
        try:
            for component in path.split("/"):
                below = os.open(component, FOLDER_FLAGS, dir_fd=current)
                os.close(current)
                current = below
                if os.fstat(current).st_dev != device:
                    raise OSError(errno.EXDEV, os.strerror(errno.EXDEV), path)
        except OSError:
            os.close(current)
            raise
        return current

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
        os.close(self.descriptor)

    def status(self) -> os.stat_result:
        return os.fstat(self.descriptor)

    def lstat(self, name: str) -> os.stat_result | None:
        try:
            return os.lstat(name, dir_fd=self.descriptor)
        except FileNotFoundError:
            return None

    def names(self) -> list[str]:
        return os.listdir(self.descriptor)

    def entries(self) -> Iterator[tuple[str, os.stat_result]]:
        """Each name with what `lstat` says; what vanishes meanwhile is left out."""
        for name in os.listdir(self.descriptor):
            try:
                yield name, os.lstat(name, dir_fd=self.descriptor)
            except FileNotFoundError:
                continue

    def open_to_read(self, name: str) -> int:
        return os.open(name, os.O_RDONLY | _FILE_FLAGS, dir_fd=self.descriptor)

    def open_to_resume(self, name: str) -> int:
        return os.open(
            name, os.O_RDWR | os.O_CREAT | _FILE_FLAGS, mode=0o600, dir_fd=self.descriptor
        )

    def create(self, name: str, mode: int = 0o600) -> int:
        """Open a file that must not be there yet."""
        return os.open(
            name, os.O_RDWR | os.O_CREAT | os.O_EXCL | _FILE_FLAGS, mode, dir_fd=self.descriptor
        )

    def make_folder(self, name: str, mode: int = 0o777) -> None:
        os.mkdir(name, mode, dir_fd=self.descriptor)

    def unlink(self, name: str) -> None:
        os.unlink(name, dir_fd=self.descriptor)

    def remove_folder(self, name: str) -> None:
        os.rmdir(name, dir_fd=self.descriptor)

    def remove_tree(self, name: str) -> None:
        shutil.rmtree(name, dir_fd=self.descriptor)

    def link(self, name: str, target: "Folder", target_name: str) -> bool:
        """A second name for a file; False where this file system has no hard links."""
        try:
            os.link(
                name,
                target_name,
                src_dir_fd=self.descriptor,
                dst_dir_fd=target.descriptor,
                follow_symlinks=False,
            )
        except OSError as error:
            if error.errno in _NO_HARD_LINKS:
                return False
            raise
        return True

    def rename_over(self, name: str, target: "Folder", target_name: str) -> None:
        """rename(2): replaces what is there."""
        os.rename(name, target_name, src_dir_fd=self.descriptor, dst_dir_fd=target.descriptor)

    def rename_new(self, name: str, target: "Folder", target_name: str) -> None:
        """Rename, EEXIST where something is at the target, in one step where the system can."""
        source, goal = (self.descriptor, name), (target.descriptor, target_name)
        if rename_with(RenameFlag.NO_REPLACE, source, goal):
            return
        status = os.lstat(name, dir_fd=self.descriptor)
        if stat.S_ISREG(status.st_mode) and self.link(name, target, target_name):
            self.unlink(name)
            return
        # No hard links (FAT) or a folder: a look before the leap is all that is left.
        if target.lstat(target_name) is not None:
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), target_name)
        self.rename_over(name, target, target_name)

    def exchange(self, name: str, target: "Folder", target_name: str) -> bool:
        """Two names change places at once; False where the system cannot."""
        return rename_with(
            RenameFlag.EXCHANGE, (self.descriptor, name), (target.descriptor, target_name)
        )

    def set_mode(self, descriptor: int, mode: int) -> None:
        os.fchmod(descriptor, mode)

    def set_mtime(self, name: str, mtime_ns: int) -> None:
        os.utime(name, ns=(mtime_ns, mtime_ns), dir_fd=self.descriptor, follow_symlinks=False)

    def sync(self) -> None:
        flush(self.descriptor)

    def sync_file_system(self) -> None:
        """Everything on it, not only this folder."""
        sync_file_system(self.descriptor)
