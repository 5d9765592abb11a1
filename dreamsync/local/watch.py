"""The watcher: being told of changes by the system, with nothing running while nothing changes.

Owns the choice of mechanism and the words for what is wrong with it. On Linux `watch_inotify.py`
(watchdog's inotify reader under a tree of our own: watchdog's own recursive observer subscribes to
opens and closes, wakes itself while it walks and keeps each path several times over); elsewhere
`watch_observer.py` (watchdog's observer). Where events cannot be relied on the engine polls.
"""

import sys
from collections.abc import Callable

from dreamsync.local.protocol import Watcher, WatchHint, WatchTrouble

OnHint = Callable[[WatchHint], None]
OnTrouble = Callable[[WatchTrouble, str], None]

NETWORK_FILE_SYSTEMS = frozenset(
    ["9p", "afs", "ceph", "cifs", "davfs", "fuse.glusterfs", "fuse.rclone", "fuse.s3fs", "fuse.sshfs", "fuse.davfs2", "ncpfs", "nfs", "nfs4", "smb3", "smbfs", "virtiofs", "vboxsf", "prl_fs", "vmhgfs", "fuse.vmhgfs-fuse", "drvfs", "lustre"]
)
"""File systems whose changes by other computers raise no event on this one."""


def make_watcher(path: str) -> Watcher:
    """The watcher for the synced folder at `path` on this system."""
    if sys.platform == "linux":
        from dreamsync.local.watch_inotify import InotifyWatcher

        return InotifyWatcher(path)
    from dreamsync.local.watch_observer import ObserverWatcher

    return ObserverWatcher(path)


def network_file_system(mountinfo: str, device: int) -> str | None:
    """The type of the file system on `device` if it is a network's, by /proc/self/mountinfo."""
    import os

    wanted = f"{os.major(device)}:{os.minor(device)}"
    for line in mountinfo.splitlines():
        before, _, after = line.partition(" - ")
        fields = before.split()
        if len(fields) > 2 and fields[2] == wanted:
            kind = after.split(" ", 1)[0]
            return kind if kind in NETWORK_FILE_SYSTEMS else None
    return None
