"""Texts for people, in their language: `_` and `ngettext` over the gettext catalogues.

`DREAMSYNC_LANG` decides, else the setting `desktop.language`, else the system. The source texts are
English, so what a catalogue lacks shows in English. Codes, `--json` and logs are never translated:
what is made for both is a `Message`, and `translated` tells it to a person.
"""

import functools
import gettext
import os

from dreamsync.message import Message, filled
from dreamsync.system_language import system_language

ENGLISH = "en"
LANGUAGES = (ENGLISH, "ko")
AUTO = "auto"

_CATALOGUES = os.path.join(os.path.dirname(__file__), "locale")


def _(message: str) -> str:
    """`message` in the person's language; format placeholders after, never before."""
    return _catalogue(language()).gettext(message)


def ngettext(singular: str, plural: str, count: int) -> str:
    return _catalogue(language()).ngettext(singular, plural, count)


def translated(text: str) -> str:
    """A `Message` in the person's language; any other text as it is."""
    if not isinstance(text, Message):
        return text
    values = {name: translated(value) for name, value in text.values.items()}
    return filled(_(text.template), values)


def language() -> str:
    """The one of `LANGUAGES` that this process speaks."""
    if _spoken.language is None:
        _spoken.language = chosen_language(AUTO)
    return _spoken.language


def use_language(name: str) -> None:
    """Speak this one of `LANGUAGES` from now on."""
    _spoken.language = name


def chosen_language(setting: str) -> str:
    """What the environment, this setting or the system asks for; English where there is no
    catalogue for it."""
    for wanted in (os.environ.get("DREAMSYNC_LANG", ""), setting):
        if _known(wanted):
            return _known(wanted)
    return _known(system_language()) or ENGLISH


def _known(wanted: str) -> str:
    """`ko` for ko_KR.UTF-8 and ko-KR; empty for what is none of `LANGUAGES`."""
    code = wanted.partition(".")[0].replace("-", "_").partition("_")[0].lower()
    return code if code in LANGUAGES else ""


class _Spoken:
    language: str | None = None


_spoken = _Spoken()


@functools.cache
def _catalogue(name: str) -> gettext.NullTranslations:
    if name == ENGLISH:
        return gettext.NullTranslations()
    return gettext.translation("dreamsync", _CATALOGUES, languages=[name], fallback=True)
