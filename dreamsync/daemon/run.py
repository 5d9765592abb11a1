"""The life of the daemon in the foreground: locks, log, instance, control channel, signals, end."""

import logging
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from types import FrameType
from typing import Protocol

from dreamsync.config.errors import ConfigError
from dreamsync.config.file import load_config
from dreamsync.config.paths import InstancePaths
from dreamsync.config.settings import Config
from dreamsync.control.commands import CommandError, Commands, ErrorCode
from dreamsync.control.server import ControlServer
from dreamsync.daemon.crash import crash_line, install_crash_hooks
from dreamsync.daemon.in_file_manager import follow as follow_in_file_manager
from dreamsync.daemon.known_errors import command_error
from dreamsync.daemon.locks import instance_locked
from dreamsync.daemon.logs import set_level, start_logging
from dreamsync.daemon.service_manager import ServiceManager
from dreamsync.daemon.settings_file import settings_watched
from dreamsync.message import N_

_log = logging.getLogger(__name__)


class RunningInstance(Commands, Protocol):
    """What `open_instance` gives: the commands, and the main loop behind them."""

    def run(self, stop_event: threading.Event) -> None:
        """Sync until `stop_event` is set; `stop` sets it too."""

    def is_alive(self) -> bool:
        """Whether its loop turns, or waits for something to do."""

    def close(self) -> None: ...


def run_daemon(paths: InstancePaths) -> None:
    """Sync until SIGTERM, SIGINT or `stop`. Raises `CommandError` and `ConfigError`."""
    manager = ServiceManager.from_environment()
    config = ready_config(paths)
    with instance_locked(paths, config.folder.path):
        start_logging(paths.log_file, config.log.level)
        install_crash_hooks(paths.log_file)
        _log.info("daemon starts")
        follow_in_file_manager(paths, config)
        with _crashes_logged(paths):
            _sync_until_told(paths, config, manager)
        _log.info("daemon ends")


def _sync_until_told(paths: InstancePaths, config: Config, manager: ServiceManager) -> None:
    """A journal that turns out damaged in the middle of work is replaced by a new one, once."""
    from dreamsync.journal.database import JournalCorrupt
    from dreamsync.journal.journal import damage_noted

    try:
        with damage_noted(paths.journal), closing(_open_instance(paths, config)) as instance:
            _serve(instance, paths, manager)
    except JournalCorrupt as error:
        _log.error("%s; a new one begins", error)
        with closing(_open_instance(paths, config)) as instance:
            _serve(instance, paths, manager)


def ready_config(paths: InstancePaths) -> Config:
    """The configuration of an instance that is signed in; `CommandError` (`SIGNED_OUT`) else."""
    config = load_config(paths.config_file)
    if not config.is_set_up:
        raise not_set_up()
    return config


def not_set_up() -> CommandError:
    return CommandError(
        ErrorCode.SIGNED_OUT,
        N_("dreamsync is not set up on this computer yet."),
        hint=N_("Start with: dreamsync up, or sign in to a server with: dreamsync login URL"),
    )


def _open_instance(paths: InstancePaths, config: Config) -> RunningInstance:
    from dreamsync.daemon.instance import open_instance

    return open_instance(paths, config)


@contextmanager
def _crashes_logged(paths: InstancePaths) -> Iterator[None]:
    """What nobody expected belongs into the daemon's own log, whoever started it."""
    try:
        yield
    except Exception as error:
        if command_error(error) is not None:
            raise
        _log.critical("unexpected error", exc_info=error)
        raise CommandError(ErrorCode.FAILED, crash_line(paths.log_file)) from error


def _serve(instance: RunningInstance, paths: InstancePaths, manager: ServiceManager) -> None:
    stop_event = threading.Event()
    control = ControlServer(instance, paths, explain=command_error)
    reload = partial(reload_configuration, instance, paths)
    with _signals(stop_event, lambda: _aside(reload)), settings_watched(paths.config_file, reload):
        control.start()
        try:
            manager.ready()
            with manager.told_alive(instance.is_alive):
                instance.run(stop_event)
        finally:
            manager.stopping()
            control.stop()


@contextmanager
def _signals(stop_event: threading.Event, reload: Callable[[], None]) -> Iterator[None]:
    """A handler only sets an event or starts a thread: it runs between any two instructions."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        stop_event.set()

    def hang_up(_number: int, _frame: FrameType | None) -> None:
        reload()

    wanted: dict[signal.Signals, Callable[[int, FrameType | None], None]] = {
        signal.SIGTERM: stop,
        signal.SIGINT: stop,
    }
    if sys.platform != "win32":
        wanted[signal.SIGHUP] = hang_up
    previous = {number: signal.signal(number, handler) for number, handler in wanted.items()}
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


def _aside(reload: Callable[[], None]) -> None:
    threading.Thread(target=reload, name="reload", daemon=True).start()


def reload_configuration(instance: Commands, paths: InstancePaths) -> None:
    """Take up a changed file. One that cannot be read is logged, and the old settings stay."""
    try:
        instance.reload_configuration()
        set_level(load_config(paths.config_file).log.level)
        _log.info("configuration read again")
    except (ConfigError, CommandError) as error:
        _log.error("the configuration stays as it was: %s", error)
