"""Every setting with its default: one frozen dataclass per TOML table.

`config.example.toml` explains each to the person who sets it. A field's metadata holds the least
and the most value allowed, or `form`, which raises `ValueError` for a text that is not allowed, and
`example`, which is; an enum's values are the words allowed.
"""

from dataclasses import dataclass, field
from enum import Enum

from dreamsync.config.hours import parse_hours


class SecretsKind(Enum):
    """Where the sign-in tokens are kept. `FILE` is the person's own choice, never a silent one."""

    KEYRING = "keyring"
    FILE = "file"


class PanelKind(Enum):
    """What the tray icon lies on. `AUTO`: as the system says, if it does."""

    AUTO = "auto"
    LIGHT = "light"
    DARK = "dark"


class Language(Enum):
    """What dreamsync speaks. `AUTO`: what the system does."""

    AUTO = "auto"
    ENGLISH = "en"
    KOREAN = "ko"


class LogLevel(Enum):
    ERROR = "error"
    WARNING = "warning"
    INFO = "info"
    DEBUG = "debug"


def _within(default: int, least: int, most: int) -> int:
    number: int = field(default=default, metadata={"least": least, "most": most})
    return number


def _hours() -> str:
    form: str = field(
        default="", metadata={"form": parse_hours, "example": "mon-fri 08:00-18:00, sat 9:00-12:00"}
    )
    return form


@dataclass(frozen=True, slots=True)
class AccountSettings:
    """Written by `login`, `join` and `up`. `server` is the base URL; empty: not signed in."""

    server: str = ""
    email: str = ""
    id: str = ""
    device_id: str = ""
    device_name: str = ""


@dataclass(frozen=True, slots=True)
class FolderSettings:
    path: str = ""
    ignore_builtins: bool = True


@dataclass(frozen=True, slots=True)
class SyncSettings:
    poll_seconds: int = _within(30, 1, 86_400)
    full_scan_minutes: int = _within(60, 1, 10_080)
    trash_days: int = _within(30, 1, 3_650)
    reread_days: int = _within(30, 0, 3_650)
    pause_on_battery: bool = False
    pause_on_metered: bool = False


@dataclass(frozen=True, slots=True)
class NetworkSettings:
    """Limits are in KiB per second, 0 for none. They hold in `limit_hours`; empty: always."""

    proxy: str = ""
    ca_file: str = ""
    fingerprint: str = ""
    upload_limit_kib: int = _within(0, 0, 100_000_000)
    download_limit_kib: int = _within(0, 0, 100_000_000)
    limit_hours: str = _hours()


@dataclass(frozen=True, slots=True)
class DesktopSettings:
    secrets: SecretsKind = SecretsKind.KEYRING
    panel: PanelKind = PanelKind.AUTO
    language: Language = Language.AUTO


@dataclass(frozen=True, slots=True)
class NotificationSettings:
    """Which kinds of news are told on the screen."""

    conflicts: bool = True
    problems: bool = True
    deletions: bool = True
    first_sync: bool = True
    signed_out: bool = True


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """The embedded server that `up` starts beside this instance."""

    embedded: bool = False
    port: int = _within(8737, 1, 65_535)
    lan: bool = False


@dataclass(frozen=True, slots=True)
class LogSettings:
    level: LogLevel = LogLevel.INFO


@dataclass(frozen=True, slots=True)
class Config:
    account: AccountSettings = AccountSettings()
    folder: FolderSettings = FolderSettings()
    sync: SyncSettings = SyncSettings()
    network: NetworkSettings = NetworkSettings()
    desktop: DesktopSettings = DesktopSettings()
    notifications: NotificationSettings = NotificationSettings()
    server: ServerSettings = ServerSettings()
    log: LogSettings = LogSettings()

    @property
    def is_set_up(self) -> bool:
        """Whether an account and a folder were ever named; tokens may still be missing."""
        return bool(self.account.server and self.folder.path)
