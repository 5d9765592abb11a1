"""One writer for each journal and each folder: locks of the kernel, which end with their process.

Three files are locked: one beside the journal, and in a place all instances of this user share one
named after the folder's path and one after its device and inode (the same folder by another path).
None lies in the synced folder: an open file there would keep a removable disk from being ejected.
"""

import contextlib
import hashlib
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence

from dreamsync.config.paths import InstancePaths, make_private_folder
from dreamsync.control.commands import CommandError, ErrorCode
from dreamsync.message import N_

PATIENCE_SECONDS = 1.0


@contextlib.contextmanager
def instance_locked(paths: InstancePaths, folder: str) -> Iterator[None]:
    """Hold the instance and its folder. Raise `CommandError` (`ALREADY_RUNNING`) where another
    process does."""
    make_private_folder(paths.state)
    with contextlib.ExitStack() as held:
        if not _lock_patiently(held, paths.lock_file):
            raise _instance_taken(paths)
        for lock_file in folder_lock_files(folder):
            if not _lock_patiently(held, lock_file):
                raise _folder_taken(folder)
            held.callback(_remove_held, lock_file)
        yield


@contextlib.contextmanager
def tray_locked(paths: InstancePaths) -> Iterator[None]:
    """Be the instance's only tray. Raise `CommandError` (`ALREADY_RUNNING`) where one is there."""
    make_private_folder(paths.state)
    with contextlib.ExitStack() as held:
        if not _lock_patiently(held, paths.tray_lock_file):
            raise CommandError(
                ErrorCode.ALREADY_RUNNING, N_("The tray icon of this account is already there.")
            )
        yield


def is_locked(paths: InstancePaths) -> bool:
    """Whether a process holds this instance now."""
    return _is_held(paths.lock_file)


def has_tray(paths: InstancePaths) -> bool:
    """Whether the instance has a tray now."""
    return _is_held(paths.tray_lock_file)


def _is_held(path: str) -> bool:
    if not os.path.exists(path):
        return False
    with contextlib.ExitStack() as held:
        return not _lock(held, path)


def folder_lock_files(folder: str) -> Sequence[str]:
    """The lock files of a folder, which need not exist."""
    shared = _shared_folder()
    make_private_folder(shared)
    names = ["path:" + os.path.normcase(os.path.realpath(folder))]
    with contextlib.suppress(OSError):
        seen = os.stat(folder)
        names.append(f"inode:{seen.st_dev}:{seen.st_ino}")
    return [
        os.path.join(shared, hashlib.sha256(os.fsencode(name)).hexdigest()[:32] + ".lock")
        for name in names
    ]


def _shared_folder() -> str:
    """Neither TMPDIR nor XDG_RUNTIME_DIR: they differ between a desktop session and a remote one
    of the same user, and both must meet here."""
    if sys.platform == "win32":
        return os.path.join(tempfile.gettempdir(), "dreamsync-folders")
    return f"/tmp/dreamsync-{os.geteuid()}-folders"  # noqa: S108 - made 0700 and checked


def _lock_patiently(held: contextlib.ExitStack, path: str) -> bool:
    """A daemon that is just ending, or somebody who only looks, is gone in a moment."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not _lock(held, path):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def _lock(held: contextlib.ExitStack, path: str) -> bool:
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | _NO_FOLLOW, 0o600)
        if not _try_lock(descriptor):
            os.close(descriptor)
            return False
        # Somebody may have cleaned the file away between opening and locking it.
        if _still_there(descriptor, path):
            held.callback(os.close, descriptor)
            return True
        os.close(descriptor)


def _remove_held(path: str) -> None:
    """Who opened the file meanwhile sees, once it has the lock, that the file is gone."""
    with contextlib.suppress(OSError):
        os.unlink(path)


def _still_there(descriptor: int, path: str) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), os.stat(path))
    except FileNotFoundError:
        return False


if sys.platform == "win32":
    import msvcrt

    _NO_FOLLOW = 0

    def _try_lock(descriptor: int) -> bool:
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    _NO_FOLLOW = os.O_NOFOLLOW

    def _try_lock(descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


def _instance_taken(paths: InstancePaths) -> CommandError:
    return CommandError(
        ErrorCode.ALREADY_RUNNING,
        N_("dreamsync is already running for this account."),
        paths.state,
        N_("See what it does with: dreamsync status"),
    )


def _folder_taken(folder: str) -> CommandError:
    return CommandError(
        ErrorCode.ALREADY_RUNNING,
        N_("Another dreamsync already syncs the folder {folder}.", folder=folder),
        folder,
        N_("Stop that one first, or choose another folder."),
    )
