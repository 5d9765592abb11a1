"""What is added to file managers, and that taking it away leaves each byte as it was."""

import os
import sys
import xml.dom.minidom
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from dreamsync.desktop.file_manager.bookmark import has_line, with_line, without_line
from dreamsync.desktop.file_manager.dolphin import service_menu, with_place, without_place
from dreamsync.desktop.file_manager.integration import Integration, linux_parts
from dreamsync.desktop.file_manager.part import Facts
from dreamsync.desktop.file_manager.record import Records

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="file managers of Linux desktops")

XBEL = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE xbel>
<xbel xmlns:bookmark="http://www.freedesktop.org/standards/desktop-bookmarks"
 dbusName="kfilePlaces">
 <info>
  <metadata owner="http://www.kde.org"><kde_places_version>4</kde_places_version></metadata>
 </info>
 <bookmark href="file:///home/mina">
  <title>집 &amp; Home</title>
 </bookmark>
</xbel>
"""


class Person:
    """Somebody's home, with file managers in use."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.data, self.config = home / ".local/share", home / ".config"
        self.folder = home / "동기화 folder"
        self.folder.mkdir(parents=True)
        self.bookmarks = self.config / "gtk-3.0/bookmarks"
        self.places = self.data / "user-places.xbel"
        self.facts = Facts(
            "0123456789ab", str(self.folder), "/run/x.sock", ("/opt/dream sync/bin",)
        )
        self.integration = Integration(
            Records(str(self.data)), linux_parts(str(self.data), str(self.config))
        )

    def write(self, path: Path, content: bytes) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)

    def there(self) -> set[str]:
        return {one.key for one in self.integration.status(self.facts) if one.there}

    def files(self) -> Mapping[str, tuple[bytes, int]]:
        """All below the home, with contents and modes."""
        return {
            str(path.relative_to(self.home)): (path.read_bytes(), path.stat().st_mode)
            for path in self.home.rglob("*")
            if path.is_file()
        }


@pytest.fixture
def person(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Person:
    # Without a session there is no metadata of folders; that has a test of its own.
    monkeypatch.setenv("PATH", "/nowhere")
    return Person(tmp_path / "home")


@pytest.mark.parametrize(
    "bookmarks",
    [
        None,
        b"",
        b"file:///home/mina/Documents\n",
        b"file:///home/mina/Documents Papers\nsftp://nas/photos",
        b"\n\nfile:///a\r\n",
        b"not \xff text",
    ],
)
def test_removing_leaves_every_file_as_it_was(person: Person, bookmarks: bytes | None) -> None:
    if bookmarks is not None:
        person.write(person.bookmarks, bookmarks)
        person.bookmarks.chmod(0o640)
    person.write(person.places, XBEL.encode())
    person.write(person.data / "nemo-python/extensions/other.py", b"import this")
    person.write(person.data / "icons/hicolor/scalable/places/mine.svg", b"<svg/>")
    before = person.files()

    person.integration.install(person.facts)
    assert {"bookmark", "dolphin-place", "dolphin-menu", "extension", "pictures"} <= person.there()
    assert (person.data / "nautilus-python/extensions/dreamsync_files.py").exists()
    cache = person.data / "nemo-python/extensions/__pycache__"
    person.write(cache / "dreamsync_files.cpython-311.pyc", b"compiled")
    person.integration.remove(person.facts.mark)

    assert person.files() == before
    assert not person.there()


def test_a_second_time_changes_nothing(person: Person) -> None:
    person.write(person.bookmarks, b"file:///a\n")
    person.write(person.places, XBEL.encode())
    first = person.integration.install(person.facts)
    installed = person.files()

    assert person.integration.install(person.facts) == first
    assert person.files() == installed
    person.integration.remove(person.facts.mark)
    person.integration.remove(person.facts.mark)
    assert person.bookmarks.read_bytes() == b"file:///a\n"


def test_what_the_person_had_added_by_hand_stays(person: Person) -> None:
    own = f"{person.folder.as_uri()} My folder\n".encode()
    person.write(person.bookmarks, own)

    person.integration.install(person.facts)
    person.integration.install(person.facts)
    assert person.bookmarks.read_bytes() == own

    person.integration.remove(person.facts.mark)
    assert person.bookmarks.read_bytes() == own


def test_what_was_added_afterwards_stays_too(person: Person) -> None:
    person.write(person.bookmarks, b"file:///a")
    person.write(person.places, XBEL.encode())
    person.integration.install(person.facts)
    with person.bookmarks.open("ab") as file:
        file.write(b"\nfile:///later")
    later = '<bookmark href="file:///later"/>'
    with_later = person.places.read_text().replace("</xbel>", later + "</xbel>")
    person.places.write_text(with_later)

    person.integration.remove(person.facts.mark)

    assert person.bookmarks.read_bytes() == b"file:///a\nfile:///later"
    assert person.places.read_text() == XBEL.replace("</xbel>", later + "</xbel>")


def test_a_link_to_a_file_elsewhere_stays_a_link(person: Person) -> None:
    elsewhere = person.home / "dotfiles/bookmarks"
    person.write(elsewhere, b"file:///a\n")
    person.bookmarks.parent.mkdir(parents=True)
    person.bookmarks.symlink_to(elsewhere)

    person.integration.install(person.facts)

    assert person.bookmarks.is_symlink()
    assert has_line(elsewhere.read_bytes(), person.folder.as_uri().encode())
    person.integration.remove(person.facts.mark)
    assert elsewhere.read_bytes() == b"file:///a\n"


def test_dolphins_places_are_only_added_to(person: Person) -> None:
    outcome = {one.key: one for one in person.integration.install(person.facts)}
    assert not outcome["dolphin-place"].there
    assert "never opened" in outcome["dolphin-place"].note
    assert not person.places.exists()

    person.write(person.places, b"<xbel><bookmark")
    outcome = {one.key: one for one in person.integration.install(person.facts)}
    assert "cannot be understood" in outcome["dolphin-place"].note
    assert person.places.read_bytes() == b"<xbel><bookmark"


@pytest.mark.parametrize(
    "content",
    [XBEL, XBEL.replace("\n", ""), XBEL.replace("</xbel>", "  </xbel>"), "<xbel></xbel>"],
)
def test_a_place_is_well_formed_and_taken_out_of_the_text_again(content: str) -> None:
    facts = Facts("m", "/home/mina/a & <b>", "/s", ("d",))
    uri = 'file:///home/mina/a%20&%20"b"'

    changed = with_place(content.encode(), uri, facts)

    document = xml.dom.minidom.parseString(changed)
    added = document.getElementsByTagName("bookmark")[-1]
    assert added.getAttribute("href") == uri
    title = added.getElementsByTagName("title")[0].firstChild
    assert title is not None
    assert title.nodeValue == "a & <b>"
    icon = added.getElementsByTagName("bookmark:icon")[0]
    assert icon.getAttribute("name") == "dreamsync-folder"
    assert without_place(changed, uri) == content.encode()


@pytest.mark.parametrize("content", [b"", b"\n", b"a", b"a\n", b"a\n\nb", b"a\r\n"])
def test_a_line_added_and_taken_away_leaves_the_same_bytes(content: bytes) -> None:
    assert without_line(with_line(content, b"file:///x"), b"file:///x") == content


def test_a_moved_folder_takes_its_entries_along(person: Person) -> None:
    person.write(person.bookmarks, b"file:///a\n")
    person.write(person.places, XBEL.encode())
    person.integration.install(person.facts)
    person.places.write_text(XBEL)
    moved = replace(person.facts, folder="/elsewhere/photos")

    person.integration.refresh(moved)

    assert person.bookmarks.read_bytes() == b"file:///a\nfile:///elsewhere/photos\n"
    assert person.places.read_text() == XBEL, "what a person took away does not come back"
    person.integration.remove(person.facts.mark)
    assert person.bookmarks.read_bytes() == b"file:///a\n"


def test_nothing_follows_where_nothing_was_installed(person: Person) -> None:
    before = person.files()
    person.integration.refresh(person.facts)
    assert person.files() == before


def test_two_instances_share_the_extension_until_the_last_has_gone(person: Person) -> None:
    other = replace(person.facts, mark="ba9876543210", folder="/other")
    person.integration.install(person.facts)
    person.integration.install(other)

    person.integration.remove(person.facts.mark)
    extension = person.data / "caja-python/extensions/dreamsync_files.py"
    assert extension.exists()
    person.integration.remove(other.mark)

    assert not extension.exists()
    assert not (person.data / "dreamsync").exists()


def test_the_service_menu_starts_just_this_program(person: Person) -> None:
    text = service_menu(replace(person.facts, command=('/opt/a "b" $c 100%', "-m", "dreamsync")))

    assert "Actions=history;restore;ignore;" in text
    lines = [one for one in text.splitlines() if one.startswith("Exec=")]
    inner = r'"/opt/a \\"b\\" \\$c 100%%"'
    assert lines == [
        f"Exec={inner} -m dreamsync desktop {action} -- {which}"
        for action, which in (("history", "%f"), ("restore", "%f"), ("ignore", "%F"))
    ]
    menu = person.data / "kio/servicemenus" / f"dreamsync-{person.facts.mark}.desktop"
    person.integration.install(person.facts)
    assert os.access(menu, os.X_OK)
