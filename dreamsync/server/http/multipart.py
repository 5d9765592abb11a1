"""The multipart form of `POST /sync/upload`, read as it arrives.

The part `file` is handed on in pieces of a quarter MiB and never kept; fields may stand before or
after it. Everything else about the form is refused: unknown encodings, a second file, long fields.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TYPE_CHECKING

from python_multipart import MultipartParser
from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import parse_options_header

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

from dreamsync.server.http.problems import invalid_request

PIECE_BYTES = 256 * 1024
MOST_FIELD_BYTES = 32 * 1024
MOST_FIELDS = 32
OVERHEAD_BYTES = 512 * 1024
"""What the fields and the framing may add to the content."""

FILE_PART = "file"


class UploadForm:
    """Collects one form; `fields` is complete when the stream has ended."""

    def __init__(self, content_type: str) -> None:
        kind, options = parse_options_header(content_type)
        boundary = options.get(b"boundary")
        if kind != b"multipart/form-data" or not boundary:
            raise invalid_request("The body must be multipart/form-data with a boundary.")
        self.fields: dict[str, str] = {}
        self._headers: dict[bytes, bytes] = {}
        self._header_name = b""
        self._header_value = b""
        self._part = ""
        self._value = bytearray()
        self._content: list[bytes] = []
        self._content_bytes = 0
        self._file_seen = False
        self._ended = False
        try:
            self._parser = MultipartParser(boundary, self._callbacks())
        except MultipartParseError as error:
            raise invalid_request("The form's boundary is not usable.") from error

    async def read(
        self, stream: AsyncIterator[bytes], write: Callable[[bytes], Awaitable[None]]
    ) -> None:
        """Read to the end, passing the content to `write`; 400 where it is no such form."""
        async for piece in stream:
            self._parse(piece)
            if self._content_bytes >= PIECE_BYTES:
                await write(self._take_content())
        if self._content_bytes:
            await write(self._take_content())
        if not self._ended:
            raise invalid_request("The form ends before its closing boundary.")
        if not self._file_seen:
            raise invalid_request("The form has no part named 'file'.")

    def _parse(self, piece: bytes) -> None:
        try:
            self._parser.write(piece)
        except MultipartParseError as error:
            raise invalid_request("The body is not a well-formed form.") from error

    def _take_content(self) -> bytes:
        content = b"".join(self._content)
        self._content = []
        self._content_bytes = 0
        return content

    def _callbacks(self) -> "MultipartCallbacks":
        return {
            "on_part_begin": self._on_part_begin,
            "on_header_field": self._on_header_field,
            "on_header_value": self._on_header_value,
            "on_header_end": self._on_header_end,
            "on_headers_finished": self._on_headers_finished,
            "on_part_data": self._on_part_data,
            "on_part_end": self._on_part_end,
            "on_end": self._on_end,
        }

    def _on_part_begin(self) -> None:
        self._headers = {}
        self._value = bytearray()

    def _on_header_field(self, data: bytes, start: int, end: int) -> None:
        self._header_name += data[start:end]

    def _on_header_value(self, data: bytes, start: int, end: int) -> None:
        self._header_value += data[start:end]

    def _on_header_end(self) -> None:
        self._headers[self._header_name.lower()] = self._header_value
        self._header_name = self._header_value = b""

    def _on_headers_finished(self) -> None:
        _, options = parse_options_header(self._headers.get(b"content-disposition"))
        self._part = _text(options.get(b"name", b""))
        if self._part == FILE_PART:
            if self._file_seen:
                raise invalid_request("The form has more than one part named 'file'.")
            self._file_seen = True
        elif self._part in self.fields or len(self.fields) >= MOST_FIELDS:
            raise invalid_request("The form names a field twice or has too many.")

    def _on_part_data(self, data: bytes, start: int, end: int) -> None:
        if self._part == FILE_PART:
            self._content.append(data[start:end])
            self._content_bytes += end - start
            return
        self._value += data[start:end]
        if len(self._value) > MOST_FIELD_BYTES:
            raise invalid_request(f"A field may have {MOST_FIELD_BYTES} bytes.")

    def _on_part_end(self) -> None:
        if self._part != FILE_PART:
            self.fields[self._part] = _text(bytes(self._value))

    def _on_end(self) -> None:
        self._ended = True


def _text(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError as error:
        raise invalid_request("A field of the form is not UTF-8.") from error


def typed(fields: dict[str, str]) -> dict[str, object]:
    """A form's texts as the JSON values that the contract gives the same names elsewhere.

    Empty is not given, but for `parentId`, where it is the root.
    """
    values: dict[str, object] = {}
    for name, text in fields.items():
        if name in ("baseVersion", "fileSize") and text.isascii() and text.isdigit():
            values[name] = int(text) if len(text) < 19 else text
        elif name == "executable" and text in ("true", "false"):
            values[name] = text == "true"
        elif text or name == "name":
            values[name] = text
    return values
