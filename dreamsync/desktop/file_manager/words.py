"""What a file manager shows in words, in the language of whoever installs it."""

from collections.abc import Mapping
from dataclasses import dataclass

from dreamsync.core.status import ItemState
from dreamsync.i18n import _

FOLDER_ICON = "dreamsync-folder"


@dataclass(frozen=True, slots=True)
class MenuEntry:
    """`action` is a subcommand of `dreamsync desktop`; `for_one_file`: not for folders, or for
    several at once."""

    action: str
    label: str
    for_one_file: bool


def menu_entries() -> tuple[MenuEntry, ...]:
    return (
        MenuEntry("history", _("Show history"), for_one_file=True),
        MenuEntry("restore", _("Restore earlier version"), for_one_file=True),
        MenuEntry("ignore", _("Ignore this"), for_one_file=False),
    )


def state_words() -> Mapping[ItemState, str]:
    return {
        ItemState.SYNCED: _("In sync with the server"),
        ItemState.PENDING: _("Waiting to be synced"),
        ItemState.HELD: _("Deletions wait for your answer"),
        ItemState.PROBLEM: _("Cannot be synced"),
        ItemState.IGNORED: _("Left out by your rules"),
    }
