"""All parts of this system together: added, taken away, kept up to date."""

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from dreamsync.desktop.file_manager.bookmark import Bookmark
from dreamsync.desktop.file_manager.dolphin import Place, ServiceMenu
from dreamsync.desktop.file_manager.extension_part import Extension, Pictures
from dreamsync.desktop.file_manager.finder import FinderSidebar
from dreamsync.desktop.file_manager.folder_icon import FolderIcon
from dreamsync.desktop.file_manager.part import Added, Facts, Outcome, Part, Unsuited
from dreamsync.desktop.file_manager.record import Record, Records


@dataclass(frozen=True, slots=True)
class Parts:
    """`own` are an instance's, `shared` belong to all instances together."""

    own: Sequence[Part]
    shared: Sequence[Part] = ()


class Integration:
    """The file managers of one person. `parts_of` names what there is for an instance."""

    def __init__(self, records: Records, parts_of: Callable[[Facts], Parts]) -> None:
        self._records = records
        self._parts_of = parts_of

    def install(self, facts: Facts) -> list[Outcome]:
        """What is there already stays; what was added for another folder goes. Each part by
        itself: one that cannot be added keeps no other from it."""
        before = self._records.load(facts.mark)
        if before is not None and before.facts.folder != facts.folder:
            self._take_away(before)
            before = None
        return self._add(facts, before.added if before else {}, lambda part: True)

    def remove(self, mark: str) -> None:
        """Nothing where nothing was installed."""
        record = self._records.load(mark)
        if record is None:
            return
        self._take_away(record)
        self._records.remove(mark)
        if not self._records.any():
            for part in self._parts_of(record.facts).shared:
                part.take_away(Added.MADE)

    def is_installed(self, mark: str) -> bool:
        return self._records.load(mark) is not None

    def status(self, facts: Facts) -> list[Outcome]:
        record = self._records.load(facts.mark)
        parts = self._parts_of(record.facts if record else facts)
        return [
            Outcome(part.key, part.title, there=part.is_there())
            for part in (*parts.own, *parts.shared)
        ]

    def refresh(self, facts: Facts) -> None:
        """What was installed follows the instance: its folder, its program. What a person has taken
        away meanwhile is not brought back."""
        record = self._records.load(facts.mark)
        if record is None:
            return
        if record.facts == facts:
            # Of another version there may be other files.
            for part in self._parts_of(facts).shared:
                part.add()
            return
        kept = {part.key for part in self._parts_of(record.facts).own if part.is_there()}
        if record.facts.folder != facts.folder:
            self._take_away(record)
        wanted = kept & record.added.keys()
        self._add(facts, record.added, lambda part: part.key in wanted)

    def _add(
        self, facts: Facts, added: Mapping[str, Added], wanted: Callable[[Part], bool]
    ) -> list[Outcome]:
        parts = self._parts_of(facts)
        record = Record(facts, added)
        outcomes = [_noted(part, record)[0] for part in parts.shared]
        for part in filter(wanted, parts.own):
            outcome, record = _noted(part, record)
            # After each: what is added and not noted would never be taken away.
            self._records.save(record)
            outcomes.append(outcome)
        self._records.save(record)
        return outcomes

    def _take_away(self, record: Record) -> None:
        for part in self._parts_of(record.facts).own:
            how = record.added.get(part.key, Added.FOUND)
            if how is not Added.FOUND:
                part.take_away(how)


def _noted(part: Part, record: Record) -> tuple[Outcome, Record]:
    """Add it; what came of it, and the record with that."""
    try:
        how = part.add()
    except (Unsuited, OSError) as error:
        return Outcome(part.key, part.title, there=False, note=str(error)), record
    if how is Added.FOUND:
        # Found again is what we added ourselves before.
        how = record.added.get(part.key, Added.FOUND)
    added = {**record.added, part.key: how}
    return Outcome(part.key, part.title, there=True), replace(record, added=added)


def linux_parts(data: str, config: str) -> Callable[[Facts], Parts]:
    """`data` and `config` are the person's folders for both, such as `~/.local/share`."""

    def parts_of(facts: Facts) -> Parts:
        return Parts(
            own=(
                Bookmark(os.path.join(config, "gtk-3.0", "bookmarks"), facts.folder),
                Place(data, facts),
                FolderIcon(facts.folder),
                ServiceMenu(data, facts),
            ),
            shared=(Pictures(data), Extension(data)),
        )

    return parts_of


def system_integration(*, never_syncs: bool) -> Integration:
    """That of this system. `never_syncs`: whether what is ignored by its name stays here."""
    if sys.platform == "win32":
        from dreamsync.desktop.file_manager.explorer import ExplorerIcon, NavigationPane
        from dreamsync.desktop.file_manager.windows import FileAttributes, UserRegistry

        def windows_parts(facts: Facts) -> Parts:
            icon = ExplorerIcon(facts, FileAttributes(), never_syncs=never_syncs)
            return Parts(own=(NavigationPane(facts, UserRegistry()), icon))

        return Integration(Records(_windows_data()), windows_parts)
    home = os.path.expanduser("~")
    data = os.environ.get("XDG_DATA_HOME") or os.path.join(home, ".local", "share")
    if sys.platform == "darwin":
        return Integration(Records(data), lambda facts: Parts(own=(FinderSidebar(),)))
    config = os.environ.get("XDG_CONFIG_HOME") or os.path.join(home, ".config")
    return Integration(Records(data), linux_parts(data, config))


def _windows_data() -> str:
    return os.environ.get("LOCALAPPDATA") or os.path.expanduser(r"~\AppData\Local")
