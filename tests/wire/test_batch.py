"""The framing of batches: a line of JSON, then bytes that must add up."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dreamsync.wire.batch import decode_frame, encode_frame, split_contents
from dreamsync.wire.fields import WireError


@given(contents=st.lists(st.binary(max_size=100)), name=st.text())
def test_a_frame_comes_apart_as_it_was_put_together(contents: list[bytes], name: str) -> None:
    header = {"items": [{"name": name, "fileSize": len(content)} for content in contents]}

    told, content = decode_frame(b"".join(encode_frame(header, contents)))

    assert told == header
    assert split_contents(content, [len(content) for content in contents]) == contents


@pytest.mark.parametrize(
    "frame", [b"", b"{}", b"\n", b"not json\n", b"\xff\n", b"[" * 10**5 + b"\n"]
)
def test_what_is_no_frame_is_refused(frame: bytes) -> None:
    with pytest.raises(WireError):
        decode_frame(frame)


@pytest.mark.parametrize("sizes", [[], [2], [4], [1, 1], [3, 1]])
def test_sizes_must_account_for_every_byte(sizes: list[int]) -> None:
    with pytest.raises(WireError):
        split_contents(memoryview(b"abc"), sizes)


def test_a_name_with_newlines_does_not_end_the_header() -> None:
    told, _ = decode_frame(b"".join(encode_frame({"name": "a\nb\u2028c"}, [])))

    assert told == {"name": "a\nb\u2028c"}
