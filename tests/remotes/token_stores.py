"""A token store in memory."""

from dataclasses import dataclass, field

from dreamsync.remotes.rest import Tokens


@dataclass(slots=True)
class MemoryTokenStore:
    """`saved` is every pair of tokens that was ever saved, in order."""

    tokens: Tokens | None = None
    saved: list[Tokens | None] = field(default_factory=list)

    def load(self) -> Tokens | None:
        return self.tokens

    def save(self, tokens: Tokens | None) -> None:
        self.tokens = tokens
        self.saved.append(tokens)
