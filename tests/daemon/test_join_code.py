"""A join code survives copying, and nothing else passes for one."""

import pytest

from dreamsync.control.commands import CommandError, ErrorCode
from dreamsync.daemon.join_code import JoinCode

CODE = JoinCode("192.168.0.5:8737", "T" * 32, "0f" * 32)


def test_a_code_is_read_as_it_was_written() -> None:
    assert JoinCode.parse(f"  {CODE.to_text()}\n") == CODE
    assert CODE.url == "https://192.168.0.5:8737"


def test_a_code_needs_no_quotes_in_a_shell() -> None:
    assert not set(CODE.to_text()) & set(" \"'\\$&|;<>()*?[]#~=%!{}")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "192.168.0.5:8737",
        "https://192.168.0.5:8737/TTTTTTTTTTTTTTTT/" + "A" * 43,
        CODE.to_text()[:-1],
        CODE.to_text() + "A",
        CODE.to_text().replace(":8737", ""),
        CODE.to_text().replace("192.168.0.5", "user@192.168.0.5"),
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(CommandError) as caught:
        JoinCode.parse(text)
    assert caught.value.code is ErrorCode.USAGE


def test_the_token_is_not_shown_by_accident() -> None:
    assert "TTTT" not in repr(CODE)
