"""The Korean catalogue has every text of the code, no other, and is compiled."""

import gettext
import io
import re

import pytest
from babel.messages.catalog import Catalog

from dreamsync.cli.app import COMMANDS
from tests.translations.catalogue import (
    KOREAN,
    is_of_click,
    korean_of,
    mo_bytes,
    po_bytes,
    read_catalogue,
    translated_texts,
    untranslated,
    updated,
)
from tests.translations.texts import Text, texts_of_dreamsync

_PLACEHOLDER = re.compile(r"\{[^}]*\}|%\(\w+\)s")
_COMMAND = re.compile(rf"dreamsync (?:{'|'.join(COMMANDS)})(?![\w-])|--[a-z][a-z-]*")
_AFTER_A_NAME = re.compile(
    r"\{(?:path|name|folder|place|url|reason|error|message)\}(?:을|를|이|가|은|는|와|과|으로|로)\b"
)
MEND = "run ./task translations, and translate what it names"


@pytest.fixture(scope="module")
def korean() -> Catalog:
    return read_catalogue()


def test_no_text_is_missing(korean: Catalog) -> None:
    missing = set(texts_of_dreamsync()) - set(translated_texts(korean))

    assert sorted(text.singular for text in missing) == [], MEND


def test_no_text_is_stale(korean: Catalog) -> None:
    ours = {text for text, one in translated_texts(korean).items() if not is_of_click(one)}

    assert sorted(text.singular for text in ours - set(texts_of_dreamsync())) == [], MEND


def test_every_text_is_translated_and_none_is_a_guess(korean: Catalog) -> None:
    assert untranslated(korean) == []


def test_the_file_is_as_the_tool_writes_it(korean: Catalog) -> None:
    """But for texts that a newer click than the tool saw may have."""
    assert KOREAN.read_bytes() == po_bytes(updated(korean, click=set())), MEND


def test_what_gettext_reads_is_compiled_from_it(korean: Catalog) -> None:
    with KOREAN.with_suffix(".mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    fresh = gettext.GNUTranslations(io.BytesIO(mo_bytes(korean)))

    assert _texts(compiled) == _texts(fresh), MEND


def _texts(catalogue: gettext.GNUTranslations) -> dict[object, str]:
    texts: dict[object, str] = dict(vars(catalogue)["_catalog"])
    texts.pop("")
    return texts


def _pairs(korean: Catalog) -> list[tuple[Text, str]]:
    return [(text, korean_of(one)) for text, one in translated_texts(korean).items()]


def test_both_languages_have_the_same_placeholders(korean: Catalog) -> None:
    unlike = [
        text.singular
        for text, told in _pairs(korean)
        if sorted(set(_PLACEHOLDER.findall(text.plural or text.singular)))
        != sorted(set(_PLACEHOLDER.findall(told)))
    ]

    assert unlike == []


def test_both_forms_of_our_texts_have_the_same_placeholders() -> None:
    """Korean has one form for one and for many: it must not need what only one of them has."""
    unlike = [
        text.singular
        for text in texts_of_dreamsync()
        if text.plural is not None
        and set(_PLACEHOLDER.findall(text.singular)) != set(_PLACEHOLDER.findall(text.plural))
    ]

    assert unlike == []


def test_both_languages_name_the_same_commands_and_options(korean: Catalog) -> None:
    unlike = [
        text.singular
        for text, told in _pairs(korean)
        if set(_COMMAND.findall(text.singular)) - set(_COMMAND.findall(told))
    ]

    assert unlike == []


def test_no_particle_follows_a_name_that_may_end_in_any_sound(korean: Catalog) -> None:
    assert [told for _text, told in _pairs(korean) if _AFTER_A_NAME.search(told)] == []


def test_one_level_of_politeness_is_kept(korean: Catalog) -> None:
    """합니다체 throughout: no sentence of the catalogue ends in 해요체 or plain style."""
    other = re.compile(
        r"(?:[가-힣](?:아요|어요|예요|에요|세요|해요|돼요|네요|죠)|[가-힣]한다|[가-힣]된다)[.!?\s)]"
    )

    assert [told for _text, told in _pairs(korean) if other.search(told + " ")] == []
