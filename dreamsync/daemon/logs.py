"""The log files: rotated, readable by their owner only, and without secrets.

Redaction happens in the formatter and not in a filter: a traceback is text only there, and an
exception's message is where a signed URL most likely turns up.
"""

import logging
import os
import re
from logging.handlers import RotatingFileHandler

from dreamsync.config.paths import make_private_folder
from dreamsync.config.settings import LogLevel

MOST_BYTES = 5 * 1024 * 1024
KEPT_FILES = 4

_CHATTY = ("httpx", "httpcore", "watchdog", "keyring", "asyncio", "urllib3")
"""At INFO httpx logs whole URLs, signatures included."""

_SECRETS = (
    # The query and the user part of any URL: signatures, tokens, passwords.
    (re.compile(r"(https?|socks5h?)://[^\s/@'\"]+@"), r"\1://***@"),
    (re.compile(r"(https?://[^\s?'\"<>]+)\?[^\s'\"<>]+"), r"\1?***"),
    (re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]+"), r"\1 ***"),
    (re.compile(r"\beyJ[\w-]+\.[\w-]+(?:\.[\w-]*)?"), "***"),
    (
        re.compile(
            r"""(?ix) (["']?[\w-]*(?:token|password|secret|authorization|signature|cookie)["']?
            \s*[:=]\s*) (?: "[^"]*" | '[^']*' | [^\s,;&)}\]]+ )"""
        ),
        r"\1***",
    ),
)


class RedactingFormatter(logging.Formatter):
    """Time in UTC, level, thread, logger, text; secrets as `***`; one line for each message."""

    def __init__(self) -> None:
        super().__init__(
            "%(asctime)s.%(msecs)03dZ %(levelname)-7s %(threadName)s %(name)s: %(message)s",
            "%Y-%m-%dT%H:%M:%S",
        )
        import time

        self.converter = time.gmtime

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - base class
        """A file name may hold line breaks and could otherwise forge a log line."""
        text = super().formatMessage(record)
        return text.replace("\r", "\\r").replace("\n", "\\n")

    def format(self, record: logging.LogRecord) -> str:
        return redact(super().format(record))


def redact(text: str) -> str:
    """`text` with everything that looks like a secret replaced by `***`."""
    for pattern, replacement in _SECRETS:
        text = pattern.sub(replacement, text)
    return text


def start_logging(log_file: str, level: LogLevel) -> None:
    """Log to `log_file` from now on. `DREAMSYNC_LOG` goes before `level`."""
    make_private_folder(os.path.dirname(log_file))
    handler = _PrivateRotatingFile(
        log_file, maxBytes=MOST_BYTES, backupCount=KEPT_FILES, encoding="utf-8",
        errors="backslashreplace",
    )  # fmt: skip
    _log_with(handler, level)


def log_to_stderr(level: LogLevel) -> None:
    """For a process whose standard error is its log; otherwise as `start_logging`."""
    _log_with(logging.StreamHandler(), level)


def _log_with(handler: logging.Handler, level: LogLevel) -> None:
    handler.setFormatter(RedactingFormatter())
    root = logging.getLogger()
    for old in list(root.handlers):
        root.removeHandler(old)
        old.close()
    root.addHandler(handler)
    set_level(level)


def set_level(level: LogLevel) -> None:
    chosen = os.environ.get("DREAMSYNC_LOG", "").lower() or level.value
    known = {one.value for one in LogLevel}
    logging.getLogger().setLevel((chosen if chosen in known else level.value).upper())
    for name in _CHATTY:
        logging.getLogger(name).setLevel(logging.WARNING)


class _PrivateRotatingFile(RotatingFileHandler):
    def _open(self):  # type: ignore[no-untyped-def]  # the base class's own return type is private
        os.close(os.open(self.baseFilename, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600))
        return super()._open()
