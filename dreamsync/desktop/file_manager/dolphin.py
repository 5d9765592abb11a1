"""Dolphin: a place in its sidebar, and a menu for what is selected."""

import os
import pathlib
import xml.parsers.expat
from xml.sax.saxutils import escape, quoteattr

from dreamsync.desktop.exec_line import exec_word
from dreamsync.desktop.file_manager import edited_file, words
from dreamsync.desktop.file_manager.part import Added, Facts, Unsuited
from dreamsync.i18n import _

_NAMESPACE = ' xmlns:bookmark="http://www.freedesktop.org/standards/desktop-bookmarks"'
_END = b"</xbel>"


class Place:
    """An entry of `user-places.xbel`. Dolphin makes that file with its own places in it; one that
    we made would take those away. Implements `Part`."""

    key = "dolphin-place"

    def __init__(self, data: str, facts: Facts) -> None:
        self._path = os.path.join(data, "user-places.xbel")
        self._uri = pathlib.Path(facts.folder).as_uri()
        self._facts = facts

    @property
    def title(self) -> str:
        return _("Sidebar of Dolphin")

    def add(self) -> Added:
        content = edited_file.read(self._path)
        if content is None:
            raise Unsuited(_("Dolphin was never opened here; if it is, install again then."))
        try:
            if element(content, self._uri) is not None:
                return Added.FOUND
        except xml.parsers.expat.ExpatError as error:
            told = _("{path} cannot be understood: {reason}.")
            raise Unsuited(told.format(path=self._path, reason=error)) from error
        if _END not in content:
            raise Unsuited(_("Dolphin has noted no places yet; install again once it has."))
        edited_file.replace(self._path, with_place(content, self._uri, self._facts))
        return Added.INSERTED

    def take_away(self, how: Added) -> None:
        content = edited_file.read(self._path)
        if how is Added.INSERTED and content is not None and self.is_there():
            edited_file.replace(self._path, without_place(content, self._uri))

    def is_there(self) -> bool:
        try:
            return element(edited_file.read(self._path) or b"<xbel/>", self._uri) is not None
        except xml.parsers.expat.ExpatError:
            return False


def with_place(content: bytes, uri: str, facts: Facts) -> bytes:
    """Inserted as text, so that nothing else in the file can change."""
    at = content.rindex(_END)
    namespace = "" if b"xmlns:bookmark" in content else _NAMESPACE
    place = (
        f"<bookmark href={quoteattr(uri)}{namespace}>\n"
        f"  <title>{escape(os.path.basename(facts.folder))}</title>\n"
        "  <info>\n"
        '   <metadata owner="http://freedesktop.org">\n'
        f'    <bookmark:icon name="{words.FOLDER_ICON}"/>\n'
        "   </metadata>\n"
        '   <metadata owner="http://www.kde.org">\n'
        f"    <ID>dreamsync-{facts.mark}/0</ID>\n"
        "   </metadata>\n"
        "  </info>\n"
        " </bookmark>\n"
    )
    return content[:at] + place.encode() + content[at:]


def without_place(content: bytes, uri: str) -> bytes:
    found = element(content, uri)
    if found is None:
        return content
    begin, end = found
    return content[:begin] + content[end + 1 if content[end : end + 1] == b"\n" else end :]


def element(content: bytes, uri: str) -> tuple[int, int] | None:
    """Where the place of that address begins and ends. Raise `ExpatError`."""
    parser = xml.parsers.expat.ParserCreate()
    found: list[int] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        if name == "bookmark" and attributes.get("href") == uri and not found:
            found.append(parser.CurrentByteIndex)

    def end(name: str) -> None:
        if name == "bookmark" and len(found) == 1:
            closing = content.index(b">", parser.CurrentByteIndex) + 1
            found.append(closing)

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.Parse(content, True)
    return (found[0], found[1]) if len(found) == 2 else None


class ServiceMenu:
    """An executable file of ours: KDE runs no other from a person's own folders. Implements
    `Part`."""

    key = "dolphin-menu"

    def __init__(self, data: str, facts: Facts) -> None:
        self._data = data
        self._path = os.path.join(data, "kio/servicemenus", f"dreamsync-{facts.mark}.desktop")
        self._facts = facts

    @property
    def title(self) -> str:
        return _("Menu in Dolphin")

    def add(self) -> Added:
        edited_file.put_own(self._path, service_menu(self._facts).encode(), mode=0o755)
        return Added.MADE

    def take_away(self, how: Added) -> None:
        edited_file.remove_own(self._path, upto=self._data)

    def is_there(self) -> bool:
        return os.path.exists(self._path)


def service_menu(facts: Facts) -> str:
    """KDE shows it for every file: what lies elsewhere is answered by a message."""
    entries = words.menu_entries()
    lines = [
        "[Desktop Entry]",
        "Type=Service",
        "MimeType=application/octet-stream;inode/directory;all/all;",
        f"Actions={''.join(f'{entry.action};' for entry in entries)}",
        "X-KDE-Submenu=dreamsync",
        f"Icon={words.FOLDER_ICON}",
    ]
    for entry in entries:
        lines += ["", f"[Desktop Action {entry.action}]", f"Name={entry.label}"]
        lines.append(f"Exec={_exec(facts, entry)}")
    return "\n".join([*lines, ""])


def _exec(facts: Facts, entry: words.MenuEntry) -> str:
    """What is for one file is started for each that is selected."""
    command = map(exec_word, (*facts.command, "desktop", entry.action, "--"))
    return " ".join([*command, "%f" if entry.for_one_file else "%F"])
