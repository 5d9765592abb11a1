"""The join code: address, one-time token and certificate fingerprint in one text to copy.

`HOST:PORT/TOKEN/FINGERPRINT`, the fingerprint (SHA-256) in base64url. Whoever sees it may join once
within 15 minutes; the fingerprint keeps anyone in between from answering in the server's place.
"""

import base64
import re
from dataclasses import dataclass, field

from dreamsync.control.commands import CommandError, ErrorCode
from dreamsync.message import N_

_CODE = re.compile(r"([\w.-]{1,253}:\d{1,5})/([\w-]{16,128})/([\w-]{43})", re.ASCII)


@dataclass(frozen=True, slots=True)
class JoinCode:
    """`fingerprint` in hex."""

    address: str
    token: str = field(repr=False)
    fingerprint: str

    @property
    def url(self) -> str:
        return f"https://{self.address}"

    def to_text(self) -> str:
        packed = base64.urlsafe_b64encode(bytes.fromhex(self.fingerprint)).decode().rstrip("=")
        return f"{self.address}/{self.token}/{packed}"

    @classmethod
    def parse(cls, text: str) -> "JoinCode":
        """Raise `CommandError` (`USAGE`) for what is no join code."""
        match = _CODE.fullmatch(text.strip())
        if match is None:
            raise CommandError(
                ErrorCode.USAGE,
                N_("This is no join code."),
                hint=N_("Copy the whole line that `dreamsync up --lan` printed."),
            )
        fingerprint = base64.urlsafe_b64decode(match[3] + "=").hex()
        return cls(match[1], match[2], fingerprint)
