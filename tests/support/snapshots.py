"""Everything below a folder as it is on the disk, to be compared with what it is later."""

import os
import stat
from pathlib import Path


def snapshot(folder: Path, *, leaving_out: Path | None = None) -> dict[str, tuple[object, ...]]:
    """Path to kind, mode, owner, mtime and content (a link's target); links are not followed.

    Times of folders are left out: some come and go with what is made beside them.
    """
    found: dict[str, tuple[object, ...]] = {}
    for path in sorted(folder.rglob("*")):
        if leaving_out is not None and path.is_relative_to(leaving_out):
            continue
        status = path.lstat()
        facts = (stat.S_IFMT(status.st_mode), stat.S_IMODE(status.st_mode), status.st_uid)
        if stat.S_ISREG(status.st_mode):
            facts += (status.st_mtime_ns, path.read_bytes())  # type: ignore[assignment]
        elif stat.S_ISLNK(status.st_mode):
            facts += (os.readlink(path),)  # type: ignore[assignment]
        found[str(path.relative_to(folder))] = facts
    return found
