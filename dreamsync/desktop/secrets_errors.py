"""What can be wrong with the place where the sign-in is kept.

SecretsUnavailable   no keyring here, or it fails: `--secrets file` is the way out
└── SecretsLocked    there is one, but it is locked: not the same as "not signed in"
"""

from dataclasses import dataclass


@dataclass
class SecretsUnavailable(Exception):
    message: str
    hint: str

    def __str__(self) -> str:
        return self.message


class SecretsLocked(SecretsUnavailable):
    pass
