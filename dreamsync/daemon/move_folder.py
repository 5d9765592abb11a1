"""Moving the synced folder to another place on this computer.

The folder goes first and the configuration after it: a crash between leaves "root missing", under
which nothing is done in either direction, and the same command again takes up the new place.
"""

import errno
import os
import shutil
from dataclasses import replace

from dreamsync.config.file import save_config
from dreamsync.config.paths import InstancePaths
from dreamsync.config.settings import Config
from dreamsync.control.commands import CommandError, ErrorCode
from dreamsync.daemon.background import ensure_stopped, start_daemon
from dreamsync.daemon.locks import instance_locked
from dreamsync.daemon.run import ready_config
from dreamsync.local.marker import RootMarker, UnreadableMarkerError, read_marker
from dreamsync.local.system import Folder
from dreamsync.message import N_


def move_folder(paths: InstancePaths, target: str) -> str:
    """The folder's new absolute path. A daemon that ran runs again afterwards, on the old folder
    if the move failed. Raises `CommandError`."""
    config = ready_config(paths)
    place = os.path.abspath(os.path.expanduser(target))
    was_running = ensure_stopped(paths)
    try:
        with instance_locked(paths, config.folder.path):
            _move(config, place)
            save_config(
                replace(config, folder=replace(config.folder, path=place)), paths.config_file
            )
    finally:
        if was_running:
            start_daemon(paths)
    return place


def marker_of(folder: str) -> RootMarker | None:
    """The marker in `folder`; None where there is none that can be read."""
    try:
        with Folder.open_root(folder) as root:
            return read_marker(root)
    except (OSError, UnreadableMarkerError):
        return None


def _move(config: Config, place: str) -> None:
    source = config.folder.path
    if not os.path.isdir(source):
        _take_up(config, place)
        return
    _refuse_target(source, place)
    os.makedirs(os.path.dirname(place), exist_ok=True)
    if os.path.isdir(place):
        os.rmdir(place)
    try:
        os.rename(source, place)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        _move_across(source, place)


def _take_up(config: Config, place: str) -> None:
    """The folder was moved by hand: it is known again by its marker."""
    marker = marker_of(place)
    if marker is None or marker.account != config.account.id:
        raise CommandError(
            ErrorCode.NOT_FOUND,
            N_(
                "The synced folder {folder} is not there, and {place} is not it either.",
                folder=config.folder.path,
                place=place,
            ),
            place,
            N_("Connect the disk it is on, or name the place it was moved to."),
        )


def _refuse_target(source: str, place: str) -> None:
    here, there = os.path.realpath(source), os.path.realpath(place)
    if here == there or there.startswith(here + os.sep):
        message = N_("{place} is in the synced folder itself.", place=place)
    elif os.path.lexists(place) and not (os.path.isdir(place) and not os.listdir(place)):
        message = N_("{place} is there already and is not an empty folder.", place=place)
    else:
        return
    raise CommandError(ErrorCode.USAGE, message, place)


def _move_across(source: str, place: str) -> None:
    """To another file system: complete under a passing name, then in place, and only then is the
    original removed."""
    passing = place + ".dreamsync-moving"
    shutil.rmtree(passing, ignore_errors=True)
    try:
        shutil.copytree(source, passing, symlinks=True)
    except shutil.Error as error:
        shutil.rmtree(passing, ignore_errors=True)
        raise CommandError(
            ErrorCode.FAILED,
            N_(
                "Not everything could be copied to {place}; the folder stays where it is.",
                place=place,
            ),
            place,
        ) from error
    os.rename(passing, place)
    shutil.rmtree(source)
