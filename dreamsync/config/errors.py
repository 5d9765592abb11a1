"""What can be wrong with the configuration.

ConfigError    names the file, the line where it can be told, the key and what to write instead
"""

from dataclasses import dataclass


@dataclass
class ConfigError(Exception):
    """The configuration cannot be used; nothing was started and nothing was changed."""

    message: str
    path: str
    line: int | None = None
    key: str | None = None
    hint: str | None = None

    def __str__(self) -> str:
        where = self.path if self.line is None else f"{self.path}, line {self.line}"
        return f"{where}: {self.message}"
