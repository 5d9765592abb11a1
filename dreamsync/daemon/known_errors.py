"""Errors of the other rooms as what is told to a person: `CommandError` with what to do next."""

import sys

from dreamsync.config.errors import ConfigError
from dreamsync.control.commands import CommandError, ErrorCode
from dreamsync.message import N_, message_of
from dreamsync.system_errors import system_reason


def command_error(error: Exception) -> CommandError | None:
    """None for an error that nobody expected. Looks only at rooms that were imported anyway."""
    if isinstance(error, CommandError):
        return error
    if isinstance(error, ConfigError):
        return CommandError(ErrorCode.CONFIGURATION, error.words, error.path, error.hint)
    if "dreamsync.desktop.secrets_errors" in sys.modules:
        from dreamsync.desktop.secrets_errors import SecretsUnavailable

        if isinstance(error, SecretsUnavailable):
            return CommandError(ErrorCode.FAILED, error.message, hint=error.hint)
    if "dreamsync.journal" in sys.modules:
        from dreamsync.journal.database import JournalCorrupt, is_full

        if is_full(error):
            text = N_("There is no room for the journal: its disk is full. Nothing was changed.")
            return CommandError(
                ErrorCode.FAILED, text, hint=N_("Free some space and run it again.")
            )

        if isinstance(error, JournalCorrupt):
            hint = N_("Run it again: a new journal begins, both sides are joined, nothing is lost.")
            return CommandError(ErrorCode.FAILED, message_of(error), hint=hint)
    return _of_remote(error) or _of_server(error) or _of_system(error)


def _of_remote(error: Exception) -> CommandError | None:
    from dreamsync.remotes import errors

    if not isinstance(error, errors.RemoteError):
        return None
    text = message_of(error)
    if isinstance(error, errors.SignedOut):
        return CommandError(ErrorCode.SIGNED_OUT, text, hint=N_("Sign in with: dreamsync login"))
    if isinstance(error, errors.Untrusted):
        hint = N_("Compare the fingerprint with who runs the server before you trust it.")
        return CommandError(ErrorCode.UNREACHABLE, text, hint=hint)
    if isinstance(error, errors.Unreachable | errors.ServerTrouble | errors.NotTheContract):
        hint = N_("Check the address and the network, or try again later.")
        return CommandError(ErrorCode.UNREACHABLE, text, hint=hint)
    if isinstance(error, errors.NotFound):
        return CommandError(ErrorCode.NOT_FOUND, text)
    return CommandError(ErrorCode.FAILED, text)


def _of_server(error: Exception) -> CommandError | None:
    if "dreamsync.server" not in sys.modules:
        return None
    from dreamsync.server.accounts.errors import AccountError
    from dreamsync.server.data_dir import DataDirInUse

    told: tuple[type[Exception], ...] = (AccountError, DataDirInUse)
    if "dreamsync.server.metadata" in sys.modules:
        from dreamsync.server.metadata.migrate import DatabaseUnusable

        told = (*told, DatabaseUnusable)
    if "dreamsync.server.serve" in sys.modules:
        from dreamsync.server.serve import ServeError

        told = (*told, ServeError)
    return CommandError(ErrorCode.FAILED, message_of(error)) if isinstance(error, told) else None


def _of_system(error: Exception) -> CommandError | None:
    if not isinstance(error, OSError) or error.strerror is None:
        return None
    path = error.filename if isinstance(error.filename, str) else None
    return CommandError(ErrorCode.FAILED, N_("{reason}.", reason=system_reason(error)), path)


def no_hold(hold_id: str | None) -> CommandError:
    return CommandError(
        ErrorCode.NOT_FOUND,
        N_("There is no hold {id}.", id=hold_id),
        hint=N_("`dreamsync status` lists what waits for an answer."),
    )
