"""Messages for people, in their language: `_` and `ngettext` over the gettext catalogues.

`DREAMSYNC_LANG` decides; without it the system's own language variables. The source texts are
English, so a missing catalogue or message shows English. Codes, `--json` and logs are never
translated.
"""

import functools
import gettext
import os

_DOMAIN = "dreamsync"
_CATALOGUES = os.path.join(os.path.dirname(__file__), "locale")


def _(message: str) -> str:
    """`message` in the person's language; format placeholders after, never before."""
    return _catalogue().gettext(message)


def ngettext(singular: str, plural: str, count: int) -> str:
    return _catalogue().ngettext(singular, plural, count)


@functools.cache
def _catalogue() -> gettext.NullTranslations:
    chosen = os.environ.get("DREAMSYNC_LANG")
    return gettext.translation(
        _DOMAIN, _CATALOGUES, languages=[chosen] if chosen else None, fallback=True
    )
