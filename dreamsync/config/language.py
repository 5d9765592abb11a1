"""The language setting alone: read before anything can be told, so it tells nothing itself."""

from dreamsync.i18n import AUTO


def configured_language(path: str) -> str:
    """`desktop.language` in the file at `path`; `auto` where it cannot be read, and for any mistake
    in it: whoever reads the whole file tells of that."""
    try:
        with open(path, encoding="utf-8-sig") as file:
            text = file.read(1_000_000)
    except (OSError, UnicodeDecodeError):
        return AUTO
    if "language" not in text:
        return AUTO
    import tomllib

    try:
        desktop = tomllib.loads(text).get("desktop")
    except tomllib.TOMLDecodeError:
        return AUTO
    chosen = desktop.get("language") if isinstance(desktop, dict) else None
    return chosen if isinstance(chosen, str) else AUTO
