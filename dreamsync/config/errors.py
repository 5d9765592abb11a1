"""What can be wrong with the configuration.

ConfigError    names the file, the line where it can be told, the key and what to write instead
"""

from dataclasses import dataclass

from dreamsync.message import N_


@dataclass
class ConfigError(Exception):
    """The configuration cannot be used; nothing was started and nothing was changed."""

    message: str
    path: str
    line: int | None = None
    key: str | None = None
    hint: str | None = None

    def __str__(self) -> str:
        return self.words

    @property
    def words(self) -> str:
        """All of it in one sentence."""
        if self.line is None:
            return N_("{path}: {message}", path=self.path, message=self.message)
        return N_(
            "{path}, line {line}: {message}", path=self.path, line=self.line, message=self.message
        )
