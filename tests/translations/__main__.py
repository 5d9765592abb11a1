"""Bring the catalogue up to date with the code and compile it; then say what is left to translate.

./task translations
"""

import sys

from tests.translations.catalogue import (
    KOREAN,
    mo_bytes,
    po_bytes,
    read_catalogue,
    untranslated,
    updated,
)
from tests.translations.texts import texts_of_click


def main() -> int:
    KOREAN.write_bytes(po_bytes(updated(read_catalogue(), click=texts_of_click())))
    catalogue = read_catalogue()
    KOREAN.with_suffix(".mo").write_bytes(mo_bytes(catalogue))
    left = untranslated(catalogue)
    for text in left:
        print(f"not translated: {text}", file=sys.stderr)
    print(f"{KOREAN}: {len(catalogue)} texts, {len(left)} to translate")
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main())
