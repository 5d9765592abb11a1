"""What one check found out."""

from dataclasses import dataclass
from enum import Enum

from dreamsync.config.paths import InstancePaths
from dreamsync.config.settings import Config


class Level(Enum):
    FINE = "fine"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Finding:
    """`check` is a stable name; `fixed`: was wrong and has been mended just now."""

    check: str
    level: Level
    message: str
    hint: str | None = None
    fixed: bool = False


@dataclass(frozen=True, slots=True)
class Patient:
    """What is examined; `fix`: whether to mend."""

    paths: InstancePaths
    config: Config
    fix: bool
