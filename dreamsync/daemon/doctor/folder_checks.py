"""Checks of the synced folder and the file system it is on."""

import os
import shutil
import sys
import tempfile

from dreamsync.daemon.doctor.finding import Finding, Level, Patient
from dreamsync.daemon.move_folder import marker_of
from dreamsync.message import N_
from dreamsync.system_errors import system_reason
from dreamsync.text import size

_LEAST_FREE = 500 * 1000 * 1000
_MOST_COUNTED = 500_000

_NETWORK_FILE_SYSTEMS = {
    "nfs", "nfs4", "cifs", "smb3", "smbfs", "sshfs", "fuse.sshfs", "fuse.rclone", "davfs",
    "fuse.davfs2", "afs", "9p", "ceph", "glusterfs", "fuse.glusterfs", "afpfs", "webdav",
}  # fmt: skip

_OTHER_CLIENTS = {
    ".stfolder": "Syncthing",
    ".dropbox": "Dropbox",
    ".dropbox.cache": "Dropbox",
    ".sync_": "Nextcloud",
    "._sync_": "ownCloud",
    ".nextcloudsync.log": "Nextcloud",
    ".owncloudsync.log": "ownCloud",
    ".SynologyWorkingDirectory": "Synology Drive",
    ".tmp.drivedownload": "Google Drive",
    ".sync": "Resilio Sync",
    ".seafile-data": "Seafile",
}

_INOTIFY_LIMIT = "/proc/sys/fs/inotify/max_user_watches"


def folder(patient: Patient) -> Finding:
    """It is there, is ours, and can be written to."""
    path = patient.config.folder.path
    if not os.path.isdir(path):
        return Finding(
            "folder",
            Level.ERROR,
            N_("The synced folder is not there: {path}", path=path),
            N_("Connect the disk it is on. If you moved it: dreamsync move-folder DIR"),
        )
    marker = marker_of(path)
    if marker is None:
        return Finding(
            "folder",
            Level.ERROR,
            N_("{path} is not the folder that was synced (it has no marker).", path=path),
            N_("Put the right folder there. To start anew with this one, sign in again."),
        )
    if marker.account != patient.config.account.id:
        return Finding(
            "folder",
            Level.ERROR,
            N_("{path} belongs to another account.", path=path),
            N_("Sign in to that account, or choose another folder."),
        )
    try:
        with tempfile.TemporaryFile(dir=os.path.join(path, ".dreamsync")):
            pass
    except OSError as error:
        message = N_(
            "{path} cannot be written to: {reason}.", path=path, reason=system_reason(error)
        )
        return Finding("folder", Level.ERROR, message, N_("Make it writable for you."))
    return Finding("folder", Level.FINE, path)


def file_system(patient: Patient) -> Finding:
    """A network file system tells of no changes that other computers make."""
    kind = mount_type(patient.config.folder.path)
    if kind is None:
        return Finding("file-system", Level.FINE, N_("unknown"))
    if kind in _NETWORK_FILE_SYSTEMS:
        return Finding(
            "file-system",
            Level.WARNING,
            N_("The folder is on a network file system ({kind}).", kind=kind),
            N_("Changes made from other computers are found by the regular full scan only."),
        )
    return Finding("file-system", Level.FINE, kind)


def disk_space(patient: Patient) -> Finding:
    free = shutil.disk_usage(patient.config.folder.path).free
    told = N_("{size} free", size=size(free))
    if free >= _LEAST_FREE:
        return Finding("disk-space", Level.FINE, told)
    hint = N_("Make room: downloads wait while the disk is full. See also: dreamsync trash")
    return Finding("disk-space", Level.WARNING, told, hint)


def watch_limit(patient: Patient) -> Finding:
    """Linux gives each user a number of folders that may be watched."""
    if sys.platform != "linux" or not os.path.exists(_INOTIFY_LIMIT):
        return Finding("watch-limit", Level.FINE, N_("This system has none."))
    with open(_INOTIFY_LIMIT, encoding="ascii") as file:
        limit = int(file.read())
    folders = count_folders(patient.config.folder.path)
    told = N_("{n} folders, {limit} may be watched", n=f"{folders:,}", limit=f"{limit:,}")
    if folders < limit * 0.9:
        return Finding("watch-limit", Level.FINE, told)
    wanted = max(524_288, folders * 2)
    hint = N_("Raise the limit: sudo sysctl fs.inotify.max_user_watches={n}", n=wanted)
    return Finding("watch-limit", Level.ERROR, told, hint)


def second_client(patient: Patient) -> Finding:
    """Two programs that sync one folder undo each other's work."""
    path = patient.config.folder.path
    here = path
    while True:
        for name in os.listdir(here) if os.access(here, os.R_OK) else ():
            other = _other_client(name)
            if other is not None:
                return Finding(
                    "second-client",
                    Level.WARNING,
                    N_("{path} seems to be synced by {program} too.", path=here, program=other),
                    N_("Let only one program sync a folder."),
                )
        parent = os.path.dirname(here)
        if parent == here or here == os.path.expanduser("~"):
            return Finding("second-client", Level.FINE, N_("none seen"))
        here = parent


def count_folders(path: str) -> int:
    """Folders below `path`, itself included; counting stops at half a million."""
    total = 0
    for _folder, _folders, _files in os.walk(path):
        total += 1
        if total >= _MOST_COUNTED:
            break
    return total


def mount_type(path: str) -> str | None:
    """The kind of file system `path` is on, as Linux names it; None elsewhere."""
    try:
        with open("/proc/self/mounts", encoding="utf-8", errors="surrogateescape") as file:
            mounts = [line.split(" ")[1:3] for line in file]
    except OSError:
        return None
    real = os.path.realpath(path)
    best = ("", None)
    for point, kind in mounts:
        plain = point.encode().decode("unicode_escape")
        holds = real == plain or real.startswith(plain.rstrip("/") + "/")
        if holds and len(plain) >= len(best[0]):
            best = (plain, kind)  # type: ignore[assignment]  # the first is the empty start
    return best[1]


def _other_client(name: str) -> str | None:
    if name in _OTHER_CLIENTS:
        return _OTHER_CLIENTS[name]
    if name.startswith((".sync_", "._sync_")) and name.endswith(".db"):
        return "Nextcloud"
    return None
