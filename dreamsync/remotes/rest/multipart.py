"""`multipart/form-data` (RFC 7578) with fields after the file, which httpx cannot make.

The digest of a file that is hashed while it is sent is known only behind its bytes. The length of
the whole body is known beforehand all the same, since checksum and digest have a fixed length.
"""

import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from dreamsync.message import N_
from dreamsync.remotes.errors import ContentMismatch
from dreamsync.remotes.protocol import Sent

_CHECKSUM_LENGTH = 32
_DIGEST_LENGTH = 64


@dataclass(frozen=True, slots=True)
class Form:
    """Text fields, then the file of `size` bytes, then its checksum and digest."""

    fields: Mapping[str, str]
    sent: Sent
    size: int
    boundary: str

    @classmethod
    def of(cls, fields: Mapping[str, str], sent: Sent, size: int) -> "Form":
        return cls(fields, sent, size, f"dreamsync-{secrets.token_hex(16)}")

    @property
    def headers(self) -> Mapping[str, str]:
        length = len(self._head()) + self.size
        length += len(self._tail("0" * _CHECKSUM_LENGTH, "0" * _DIGEST_LENGTH))
        return {
            "Content-Type": f"multipart/form-data; boundary={self.boundary}",
            "Content-Length": str(length),
        }

    def body(self) -> Iterator[bytes]:
        """Raise `ContentMismatch` where more or fewer than `size` bytes come."""
        yield self._head()
        seen = 0
        for piece in self.sent:
            seen += len(piece)
            if seen > self.size:
                break
            yield piece
        if seen != self.size:
            raise ContentMismatch(N_("the file changed while it was sent"))
        content = self.sent.content
        if len(content.checksum or "") != _CHECKSUM_LENGTH or (
            len(content.digest or "") != _DIGEST_LENGTH
        ):
            raise ContentMismatch(N_("the file's checksum and digest are not known"))
        yield self._tail(content.checksum or "", content.digest or "")

    def _head(self) -> bytes:
        fields = "".join(self._field(name, value) for name, value in self.fields.items())
        return (
            f"{fields}--{self.boundary}\r\n"
            'Content-Disposition: form-data; name="file"; filename="content"\r\n'
            "Content-Type: application/octet-stream\r\n\r\n"
        ).encode()

    def _tail(self, checksum: str, digest: str) -> bytes:
        fields = self._field("checksum", checksum) + self._field("digest", digest)
        return f"\r\n{fields}--{self.boundary}--\r\n".encode()

    def _field(self, name: str, value: str) -> str:
        disposition = f'Content-Disposition: form-data; name="{name}"'
        return f"--{self.boundary}\r\n{disposition}\r\n\r\n{value}\r\n"
