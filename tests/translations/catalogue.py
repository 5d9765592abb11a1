"""The Korean catalogue: the file a translator edits, and the one that gettext reads."""

import datetime
import io
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from tests.translations.texts import (
    PACKAGE,
    Text,
    texts_of_dreamsync,
)

KOREAN = PACKAGE / "locale" / "ko" / "LC_MESSAGES" / "dreamsync.po"
_OF_CLICK = "click"
_HEADER = """\
# Korean texts of dreamsync. Edit what is in msgstr, then run ./task translations.
msgid ""
msgstr ""
"Language: ko\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: nplurals=1; plural=0;\\n"

"""
"""Without dates, people and versions: two who translate must not be in conflict over them."""
_ALWAYS = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)


def read_catalogue(path: Path = KOREAN) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale="ko", domain="dreamsync")


def translated_texts(catalogue: Catalog) -> dict[Text, Message]:
    return {text_of(one): one for one in catalogue if one.id}


def is_of_click(message: Message) -> bool:
    return any(path == _OF_CLICK for path, _line in message.locations)


def text_of(message: Message) -> Text:
    return Text(message.id) if isinstance(message.id, str) else Text(*message.id)


def korean_of(message: Message) -> str:
    """Korean has no plural: there is one form. Empty where it is not translated."""
    if isinstance(message.string, str):
        return message.string
    return next(iter(message.string or ()), "")


def updated(old: Catalog, *, click: set[Text]) -> Catalog:
    """With every text of the code, those of click that it had and these; what is new has no
    translation. What the code does not say any more is gone."""
    known = translated_texts(old)
    new = Catalog(locale="ko", domain="dreamsync")
    for text, paths in sorted(texts_of_dreamsync().items(), key=lambda item: sorted(item[1])):
        _add(new, text, known.get(text), [(path, 0) for path in sorted(paths)])
    ours = {text_of(one) for one in new if one.id}
    of_click = click | {text for text, one in known.items() if is_of_click(one)}
    for text in sorted(of_click - ours, key=lambda text: text.singular):
        _add(new, text, known.get(text), [(_OF_CLICK, 0)])
    return new


def untranslated(catalogue: Catalog) -> list[str]:
    return [
        text.singular
        for text, one in translated_texts(catalogue).items()
        if one.fuzzy or not korean_of(one)
    ]


def po_bytes(catalogue: Catalog) -> bytes:
    written = io.BytesIO()
    write_po(
        written,
        catalogue,
        width=100,
        omit_header=True,
        include_lineno=False,
        ignore_obsolete=True,
    )
    return _HEADER.encode() + written.getvalue()


def mo_bytes(catalogue: Catalog) -> bytes:
    written = io.BytesIO()
    catalogue.creation_date = catalogue.revision_date = _ALWAYS
    write_mo(written, catalogue)
    return written.getvalue()


def _add(
    catalogue: Catalog, text: Text, known: Message | None, places: list[tuple[str, int]]
) -> None:
    identity = text.singular if text.plural is None else (text.singular, text.plural)
    catalogue.add(identity, known.string if known else None, places)
