"""This instance in the file managers of its system, which follow where it goes."""

import hashlib
import logging
import os

from dreamsync.config.paths import InstancePaths
from dreamsync.config.settings import Config
from dreamsync.daemon.background import own_command
from dreamsync.desktop.file_manager.integration import Integration, system_integration
from dreamsync.desktop.file_manager.part import Facts, Outcome

__all__ = ["Outcome", "follow", "install", "remove", "status"]

_log = logging.getLogger(__name__)


def install(paths: InstancePaths, config: Config) -> list[Outcome]:
    """All that this system's file managers offer. A second time changes nothing."""
    return _integration(config).install(_facts(paths, config))


def remove(paths: InstancePaths, config: Config) -> None:
    """As if it had never been installed; nothing where it was not."""
    _integration(config).remove(_mark(paths))


def status(paths: InstancePaths, config: Config) -> list[Outcome]:
    return _integration(config).status(_facts(paths, config))


def follow(paths: InstancePaths, config: Config) -> None:
    """What was installed learns of another folder, or another place of this program. Nothing that
    fails here may keep an instance from syncing."""
    try:
        _integration(config).refresh(_facts(paths, config))
    except OSError as error:
        _log.warning("what was installed for file managers stays as it was: %s", error)


def _integration(config: Config) -> Integration:
    return system_integration(never_syncs=config.folder.ignore_builtins)


def _facts(paths: InstancePaths, config: Config) -> Facts:
    environment = {}
    home = os.environ.get("DREAMSYNC_HOME")
    if home:
        environment["DREAMSYNC_HOME"] = os.path.abspath(home)
    return Facts(_mark(paths), config.folder.path, paths.socket, tuple(own_command()), environment)


def _mark(paths: InstancePaths) -> str:
    """Several instances of one person are told apart by where their journals are."""
    return hashlib.sha256(os.fsencode(paths.state)).hexdigest()[:12]
