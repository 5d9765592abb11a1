"""The configuration file: read whole, written atomically, readable by its owner only."""

import contextlib
import os
import tempfile

from dreamsync.config.errors import ConfigError
from dreamsync.config.parsing import parse_config, to_document
from dreamsync.config.settings import Config
from dreamsync.message import N_
from dreamsync.system_errors import system_reason

_MOST_BYTES = 1_000_000


def load_config(path: str) -> Config:
    """The settings at `path`; the defaults where there is no file. Raise `ConfigError`."""
    try:
        with open(path, "rb") as file:
            raw = file.read(_MOST_BYTES)
        return parse_config(raw.decode("utf-8-sig"), path)
    except FileNotFoundError:
        return Config()
    except UnicodeDecodeError as error:
        raise ConfigError(N_("The file must be UTF-8 text."), path) from error
    except OSError as error:
        message = N_("The file cannot be read: {reason}.", reason=system_reason(error))
        raise ConfigError(message, path) from error


def save_config(config: Config, path: str) -> None:
    """Write what differs from the defaults. Comments a person added are not kept."""
    import tomli_w

    write_private(path, tomli_w.dumps(to_document(config)).encode())


def write_private(path: str, content: bytes) -> None:
    """Replace `path` in one step with a file that only its owner may read (0600)."""
    folder = os.path.dirname(path)
    os.makedirs(folder, mode=0o700, exist_ok=True)
    # mkstemp makes the file 0600 from the first moment on: there is no instant to catch it open.
    handle, temporary = tempfile.mkstemp(dir=folder, prefix=".new-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise
