"""Explorer's navigation pane and the folder's icon, against a registry in memory."""

import os
from pathlib import Path

import pytest

from dreamsync.desktop.file_manager.explorer import (
    ICON,
    ExplorerIcon,
    NavigationPane,
    Value,
    pane_id,
)
from dreamsync.desktop.file_manager.integration import Integration, Parts
from dreamsync.desktop.file_manager.part import Added, Facts, Unsuited
from dreamsync.desktop.file_manager.record import Records

_NAMESPACE = r"Software\Microsoft\Windows\CurrentVersion\Explorer\Desktop\NameSpace"


class MemoryRegistry:
    """Keys by their path, as `winreg` keeps them: without regard to case, parents made on the way,
    and only those removed that have nothing below."""

    def __init__(self) -> None:
        self.keys: dict[str, dict[str, Value]] = {}

    def write(self, value: Value) -> None:
        self.keys.setdefault(value.key.lower(), {})[value.name.lower()] = value

    def read(self, key: str, name: str) -> str | int | None:
        found = self.keys.get(key.lower(), {}).get(name.lower())
        return None if found is None else found.content

    def remove_key(self, key: str) -> None:
        below = key.lower() + "\\"
        for name in [one for one in self.keys if one == key.lower() or one.startswith(below)]:
            del self.keys[name]

    def remove_value(self, key: str, name: str) -> None:
        values = self.keys.get(key.lower(), {})
        values.pop(name.lower(), None)
        if not values:
            self.keys.pop(key.lower(), None)


class MemoryAttributes:
    def __init__(self) -> None:
        self.bits: dict[str, int] = {}

    def get(self, path: str) -> int:
        return self.bits.get(path, 0x10 if os.path.isdir(path) else 0x20)

    def set(self, path: str, bits: int) -> None:
        self.bits[path] = bits


@pytest.fixture
def facts(tmp_path: Path) -> Facts:
    folder = tmp_path / "사진"
    folder.mkdir()
    return Facts("0123456789ab", str(folder), "", ("dreamsync.exe",))


def test_the_pane_shows_the_folder_and_is_taken_away_whole(facts: Facts) -> None:
    registry = MemoryRegistry()
    registry.write(Value(rf"{_NAMESPACE}\{{other}}", "", "OneDrive"))
    before = {key: dict(values) for key, values in registry.keys.items()}
    pane = NavigationPane(facts, registry)
    assert not pane.is_there()

    pane.add()
    pane.add()

    guid = pane_id(facts)
    key = rf"Software\Classes\CLSID\{guid}"
    assert registry.read(rf"{_NAMESPACE}\{guid}", "") == "사진"
    assert registry.read(key, "System.IsPinnedToNameSpaceTree") == 1
    assert registry.read(rf"{key}\Instance\InitPropertyBag", "TargetFolderPath") == facts.folder
    assert registry.read(rf"{key}\DefaultIcon", "") == f"{ICON},0"
    assert registry.read(rf"{key}\ShellFolder", "Attributes") == 0xF080004D
    assert all(name.startswith("software\\") for name in registry.keys)
    assert pane.is_there()

    pane.take_away(Added.MADE)
    assert registry.keys == before


def test_the_pane_keeps_its_identity_when_the_folder_moves(facts: Facts, tmp_path: Path) -> None:
    registry = MemoryRegistry()
    integration = Integration(
        Records(str(tmp_path / "data")), lambda one: Parts(own=(NavigationPane(one, registry),))
    )
    integration.install(facts)
    moved = Facts(facts.mark, str(tmp_path / "elsewhere"), "", facts.command)

    integration.refresh(moved)

    assert pane_id(moved) == pane_id(facts)
    bag = rf"Software\Classes\CLSID\{pane_id(facts)}\Instance\InitPropertyBag"
    assert registry.read(bag, "TargetFolderPath") == moved.folder
    integration.remove(facts.mark)
    assert registry.keys == {}
    assert not (tmp_path / "data" / "dreamsync").exists()


def test_the_icon_is_a_hidden_file_that_never_syncs(facts: Facts) -> None:
    attributes = MemoryAttributes()
    icon = ExplorerIcon(facts, attributes, never_syncs=True)
    ini = Path(facts.folder, "desktop.ini")

    icon.add()

    assert ICON in ini.read_text("utf-16")
    assert attributes.get(str(ini)) == 0x6
    assert attributes.get(facts.folder) == 0x11
    icon.take_away(Added.MADE)
    assert os.listdir(facts.folder) == []
    assert attributes.get(facts.folder) == 0x10


def test_a_persons_own_icon_stays_and_none_is_made_where_it_would_sync(facts: Facts) -> None:
    ini = Path(facts.folder, "desktop.ini")
    with pytest.raises(Unsuited, match="It would sync"):
        ExplorerIcon(facts, MemoryAttributes(), never_syncs=False).add()
    assert not ini.exists()

    ini.write_text("own")
    icon = ExplorerIcon(facts, MemoryAttributes(), never_syncs=True)
    assert icon.add() is Added.FOUND
    icon.take_away(Added.FOUND)
    assert ini.read_text() == "own"
