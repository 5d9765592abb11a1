"""Messages made where nobody knows yet who will read them, and in which language.

To logs and programs a `Message` is its English text, a `str`. It remembers what it was made of, so
that `i18n.translated` can tell the same to a person; and keeps it inside an exception
(`message_of`) and in the journal (`packed`, `unpacked`).
"""

import json
import re
from collections.abc import Mapping

_FIELD = re.compile(r"\{(\w+)\}")
_PACKED = "\x1e"
"""RECORD SEPARATOR: no text begins with it that was not packed."""


class Message(str):
    """The English text of `template` with its `values`, which may be messages themselves."""

    __slots__ = ("template", "values")
    template: str
    values: Mapping[str, str]

    def __new__(cls, template: str, values: Mapping[str, str]) -> "Message":
        made = super().__new__(cls, filled(template, values))
        made.template = template
        made.values = values
        return made

    def with_values(self, **values: object) -> "Message":
        """The same with what a template kept in a table left open."""
        return N_(self.template, **{**self.values, **values})

    def __getnewargs__(self) -> tuple[str, Mapping[str, str]]:  # type: ignore[override]
        return self.template, self.values


def N_(template: str, **values: object) -> Message:  # noqa: N802 - gettext's name for it
    """A message of this template, `{name}` standing for the value of that name. What `_` says at
    once, `N_` only marks for translation."""
    return Message(
        template,
        {name: one if isinstance(one, str) else str(one) for name, one in values.items()},
    )


def message_of(error: BaseException) -> str:
    """What `str(error)` says, still as the message that the error was raised with."""
    first = error.args[0] if error.args else None
    return first if isinstance(first, Message) and first == str(error) else str(error)


def filled(template: str, values: Mapping[str, str]) -> str:
    """What has no value stays as it is. Unlike `str.format` it looks at names only, for a template
    may come from outside."""
    return _FIELD.sub(lambda field: values.get(field[1], field[0]), template)


def packed(text: str) -> str:
    """`text` as one string from which `unpacked` makes it again, messages included."""
    if isinstance(text, Message) or text.startswith(_PACKED):
        return _PACKED + json.dumps(to_parts(text))
    return text


def unpacked(text: str) -> str:
    """Raise `ValueError` for what `packed` never made."""
    return from_parts(json.loads(text[1:])) if text.startswith(_PACKED) else text


Parts = Mapping[str, "Parts"] | str


def to_parts(text: str) -> Parts:
    """A JSON value: a text as it is, a message as an object."""
    if not isinstance(text, Message):
        return text
    values = {name: to_parts(value) for name, value in text.values.items()}
    return {"template": text.template, "values": values}


def from_parts(parts: object) -> str:
    """Raise `ValueError` for what `to_parts` never made."""
    match parts:
        case str():
            return parts
        case {"template": str(template), "values": dict(values)}:
            return Message(template, {name: from_parts(one) for name, one in values.items()})
        case _:
            raise ValueError("neither a text nor a message")
