"""What is noted of an instance for file managers: how to ask it, what its menu says, and what was
added where, so that it can be taken away again. The extension reads the same file.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field

from dreamsync.config.file import write_private
from dreamsync.desktop.file_manager import edited_file, words
from dreamsync.desktop.file_manager.part import Added, Facts


@dataclass(frozen=True, slots=True)
class Record:
    """`added` maps a part's key to how it was added."""

    facts: Facts
    added: Mapping[str, Added] = field(default_factory=dict)


class Records:
    """One file for each instance, below the person's folder for `data`."""

    def __init__(self, data: str) -> None:
        self._data = data
        self._place = os.path.join(data, "dreamsync", "file-managers")

    def load(self, mark: str) -> Record | None:
        """None for an instance that is not installed, or a file that cannot be understood."""
        try:
            with open(self._path(mark), encoding="utf-8") as file:
                written = json.load(file)
            folder, socket = written["folder"], written["socket"]
            facts = Facts(mark, folder, socket, tuple(written["command"]))
            added = {key: Added(how) for key, how in written["added"].items()}
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None
        return Record(facts, added)

    def save(self, record: Record) -> None:
        write_private(self._path(record.facts.mark), _to_json(record))

    def remove(self, mark: str) -> None:
        edited_file.remove_own(self._path(mark), upto=self._data)

    def any(self) -> bool:
        names = os.listdir(self._place) if os.path.isdir(self._place) else []
        return any(name.endswith(".json") for name in names)

    def _path(self, mark: str) -> str:
        return os.path.join(self._place, f"{mark}.json")


def _to_json(record: Record) -> bytes:
    facts = record.facts
    entries = [
        {"action": one.action, "label": one.label, "for_one_file": one.for_one_file}
        for one in words.menu_entries()
    ]
    document = {
        "folder": facts.folder,
        "socket": facts.socket,
        "command": list(facts.command),
        "states": {state.value: told for state, told in words.state_words().items()},
        "menu": entries,
        "added": {key: how.value for key, how in sorted(record.added.items())},
    }
    return json.dumps(document, indent=1).encode()
