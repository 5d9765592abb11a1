"""The seam between what is shown and what shows it."""

from collections.abc import Callable
from typing import Protocol

from dreamsync.tray.actions import Action
from dreamsync.tray.face import Face
from dreamsync.tray.notices import Kind, Notice


class TrayTrouble(Exception):
    """There can be no icon here; the text says why and what to do."""


class Tray(Protocol):
    """An icon in a system's tray. All but `run` may be called from any thread, also before
    `run`."""

    def run(self, on_action: Callable[[Action], None]) -> None:
        """Show the icon until `stop`, in the main thread: macOS wants it there. `on_action` is
        called with what was clicked, and must not take long. Raise `TrayTrouble`."""

    def show(self, face: Face) -> None:
        """From now on this."""

    def notify(self, notice: Notice) -> None:
        """Tell it on the screen, in the place of an earlier one of its kind; nothing where the
        system has no way. Its buttons are answered by `on_action`, where the system has any."""

    def withdraw(self, kind: Kind) -> None:
        """What was told of that kind is no longer true."""

    def stop(self) -> None:
        """Take the icon away and let `run` return."""
