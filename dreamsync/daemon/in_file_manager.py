"""This instance in the file managers of its system, which follow where it goes."""

import logging

from dreamsync.config.paths import InstancePaths
from dreamsync.config.settings import Config
from dreamsync.daemon.background import own_command
from dreamsync.desktop.file_manager.integration import Integration, system_integration
from dreamsync.desktop.file_manager.part import Facts, Outcome

__all__ = ["Outcome", "follow", "install", "is_installed", "remove", "status"]

_log = logging.getLogger(__name__)


def install(paths: InstancePaths, config: Config) -> list[Outcome]:
    """All that this system's file managers offer. A second time changes nothing."""
    return _integration(config).install(_facts(paths, config))


def remove(paths: InstancePaths, config: Config) -> None:
    """As if it had never been installed; nothing where it was not."""
    _integration(config).remove(paths.mark)


def status(paths: InstancePaths, config: Config) -> list[Outcome]:
    return _integration(config).status(_facts(paths, config))


def is_installed(paths: InstancePaths, config: Config) -> bool:
    """Whether it ever was, and not removed since."""
    return _integration(config).is_installed(paths.mark)


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
    home = [] if paths.home is None else ["--home", paths.home]
    return Facts(paths.mark, config.folder.path, paths.socket, tuple(own_command(*home)))
