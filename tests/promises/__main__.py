"""`python -m tests.promises --write`: make docs/promises.md anew; without it, say whether to."""

import sys

from tests.promises.document import DOCUMENT, document


def main() -> int:
    if sys.argv[1:] == ["--write"]:
        DOCUMENT.write_text(document(), encoding="utf-8")
        return 0
    if DOCUMENT.read_text(encoding="utf-8") == document():
        print(f"{DOCUMENT.name} is up to date")
        return 0
    print(f"{DOCUMENT.name} is stale: python -m tests.promises --write")
    return 1


sys.exit(main())
