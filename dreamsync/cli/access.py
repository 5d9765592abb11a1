"""How a command reaches its instance: through the daemon if one runs, else by itself.

Without a daemon the same `Commands` come from the journal; who would change something then holds
the instance's lock meanwhile.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from dreamsync.config.paths import InstancePaths
from dreamsync.control.address import Address, find_address, not_running
from dreamsync.control.commands import CommandError, Commands, ErrorCode
from dreamsync.control.status_client import StatusClient
from dreamsync.core.status import Status
from dreamsync.i18n import _


class StatusSource(Protocol):
    """The part of `Commands` that tells the state."""

    def status(self) -> Status: ...

    def wait_for_status(self, *, after_revision: int, seconds: float) -> Status: ...


class Access:
    """What `click` hands to each command. Tests put their own in its place."""

    def __init__(self, paths: InstancePaths | None = None) -> None:
        self._paths = paths

    @property
    def paths(self) -> InstancePaths:
        if self._paths is None:
            self._paths = InstancePaths.from_environment()
        return self._paths

    @contextmanager
    def commands(self, *, changes: bool) -> Iterator[Commands]:
        """`changes`: whether something may be written, which only one process may do at a time."""
        address = self._daemon_address()
        if address is not None:
            from dreamsync.control.client import ControlClient

            yield ControlClient(address)
            return
        from dreamsync.daemon.without_daemon import commands_without_daemon

        with commands_without_daemon(self.paths, changes=changes) as commands:
            yield commands

    @contextmanager
    def daemon(self) -> Iterator[Commands]:
        """The running daemon only. Raise `CommandError` (`NOT_RUNNING`)."""
        address = self._daemon_address()
        if address is None:
            raise not_running()
        from dreamsync.control.client import ControlClient

        yield ControlClient(address)

    @contextmanager
    def status_source(self) -> Iterator[StatusSource]:
        """Whoever tells the state, in as few imports as can be."""
        address = self._daemon_address()
        if address is not None:
            yield StatusClient(address)
            return
        with self.commands(changes=False) as commands:
            yield commands

    @property
    def folder(self) -> str:
        """The synced folder. Raise `CommandError` (`SIGNED_OUT`) where none was set up."""
        from dreamsync.daemon.run import ready_config

        return ready_config(self.paths).folder.path

    def known_error(self, error: Exception) -> CommandError | None:
        """An error of another room as ours, None for one that nobody expected."""
        from dreamsync.daemon.known_errors import command_error

        return command_error(error)

    def log_unexpected(self, error: Exception) -> CommandError:
        """Log the traceback, and say where it is."""
        import logging

        from dreamsync.config.settings import LogLevel
        from dreamsync.daemon.crash import crash_line
        from dreamsync.daemon.logs import start_logging

        log_file = self.paths.command_log_file
        try:
            start_logging(log_file, LogLevel.INFO)
            logging.getLogger("dreamsync.crash").critical("unexpected error", exc_info=error)
        except OSError:
            message = _("Something unexpected went wrong: {error}").format(error=repr(error))
            return CommandError(ErrorCode.FAILED, message)
        return CommandError(ErrorCode.FAILED, crash_line(log_file))

    def _daemon_address(self) -> Address | None:
        try:
            address = find_address(self.paths)
            address.connect(1.0).close()
        except (CommandError, FileNotFoundError, ConnectionRefusedError):
            return None
        return address
