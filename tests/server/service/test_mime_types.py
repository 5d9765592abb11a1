"""MIME types follow from names, however often they are asked for."""

import mimetypes

import pytest

from dreamsync.server.service.views import mime_type


@pytest.mark.parametrize(
    "name",
    [
        "a.bin",
        "a.tar.gz",
        "b.a.tar.gz",
        "x.tgz",
        "a.c.tgz",
        "none",
        "end.",
        "a..gz",
        "a.gz",
        ".bashrc",
        "..x.y",
        "한글.hwp",
        "a.JPG",
        "a.tar.Z",
        "http:x.png",
        "x,y.txt",
        "a b.c d.txt",
    ],
)
def test_a_remembered_type_is_the_one_of_the_whole_name(name: str) -> None:
    whole = mimetypes.MimeTypes().guess_type(name, strict=False)[0]

    assert [mime_type(name), mime_type(name)] == [whole or "application/octet-stream"] * 2
