"""Linux file systems that do not tell of all changes: other computers change them too."""

import os
import sys

assert sys.platform == "linux"  # noqa: S101  (type checkers stop here on other systems)

NETWORK_FILE_SYSTEMS = frozenset(
    {"9p", "afs", "ceph", "cifs", "davfs", "drvfs", "fuse.davfs2", "fuse.glusterfs"}
    | {"fuse.rclone", "fuse.s3fs", "fuse.sshfs", "fuse.vmhgfs-fuse", "lustre", "ncpfs"}
    | {"nfs", "nfs4", "prl_fs", "smb3", "smbfs", "vboxsf", "virtiofs", "vmhgfs"}
)
"""File systems whose changes by other computers raise no event on this one."""


def network_file_system(mountinfo: str, device: int) -> str | None:
    """The type of the file system on `device` if it is a network's, by /proc/self/mountinfo."""
    wanted = f"{os.major(device)}:{os.minor(device)}"
    for line in mountinfo.splitlines():
        before, _, after = line.partition(" - ")
        fields = before.split()
        if len(fields) > 2 and fields[2] == wanted:
            kind = after.split(" ", 1)[0]
            return kind if kind in NETWORK_FILE_SYSTEMS else None
    return None
