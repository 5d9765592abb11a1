"""Finder lets no program that Apple has not signed put anything into its sidebar."""

from dreamsync.desktop.file_manager.part import Added, Unsuited
from dreamsync.i18n import _


class FinderSidebar:
    """Implements `Part`, and tells what to do by hand."""

    key = "sidebar"

    @property
    def title(self) -> str:
        return _("Sidebar of Finder")

    def add(self) -> Added:
        raise Unsuited(
            _("macOS leaves this to you: select the folder and press Control-Command-T.")
        )

    def take_away(self, how: Added) -> None:
        """Nothing was added."""

    def is_there(self) -> bool:
        return False
