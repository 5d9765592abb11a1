"""The same `Commands` without a daemon: the instance opened in this process, for one command."""

from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext

from dreamsync.config.paths import InstancePaths
from dreamsync.control.commands import Commands
from dreamsync.daemon.instance import open_instance
from dreamsync.daemon.locks import instance_locked
from dreamsync.daemon.logs import start_logging
from dreamsync.daemon.run import ready_config
from dreamsync.journal.journal import damage_noted


@contextmanager
def commands_without_daemon(paths: InstancePaths, *, changes: bool) -> Iterator[Commands]:
    """Who only reads needs no lock: the journal shows readers one consistent state.

    Raises `CommandError`: `SIGNED_OUT` where nothing is set up, `ALREADY_RUNNING` where another
    process is changing something now.
    """
    config = ready_config(paths)
    start_logging(paths.command_log_file, config.log.level)
    locked = instance_locked(paths, config.folder.path) if changes else nullcontext()
    with (
        locked,
        damage_noted(paths.journal),
        closing(open_instance(paths, config)) as instance,
    ):
        yield instance
