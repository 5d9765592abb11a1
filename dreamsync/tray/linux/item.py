"""The icon as `org.kde.StatusNotifierItem`, which every panel that has a tray understands."""

import html
from collections.abc import Callable, Sequence
from functools import cache
from typing import Annotated

from dbus_fast import PropertyAccess
from dbus_fast.annotations import DBusBool, DBusInt32, DBusObjectPath, DBusSignature, DBusStr
from dbus_fast.service import ServiceInterface, dbus_method, dbus_property, dbus_signal
from PIL import Image

from dreamsync.i18n import _
from dreamsync.tray.actions import Action, Do
from dreamsync.tray.face import Face
from dreamsync.tray.icons import SIZES, Mark, Panel, draw

MENU_PATH = "/MenuBar"

_Pixmaps = list[list[object]]


class StatusNotifierItem(ServiceInterface):
    """Shows a face. Members have the names that the interface gives."""

    def __init__(self, panel: Panel, on_action: Callable[[Action], None]) -> None:
        super().__init__("org.kde.StatusNotifierItem")
        self._panel = panel
        self._on_action = on_action
        self._face = Face(Mark.SLASH, "", (), ())

    def show(self, face: Face) -> None:
        before, self._face = self._face, face
        if face.mark is not before.mark:
            self.NewIcon()
        if (face.title, face.details) != (before.title, before.details):
            self.NewToolTip()

    def use(self, panel: Panel) -> None:
        """The icon lies on such a panel."""
        if panel is not self._panel:
            self._panel = panel
            self.NewIcon()

    @dbus_property(access=PropertyAccess.READ)
    def Category(self) -> DBusStr:  # noqa: N802
        return "ApplicationStatus"

    @dbus_property(access=PropertyAccess.READ)
    def Id(self) -> DBusStr:  # noqa: N802
        return "dreamsync"

    @dbus_property(access=PropertyAccess.READ)
    def Title(self) -> DBusStr:  # noqa: N802
        return "dreamsync"

    @dbus_property(access=PropertyAccess.READ)
    def Status(self) -> DBusStr:  # noqa: N802
        return "Active"

    @dbus_property(access=PropertyAccess.READ)
    def WindowId(self) -> DBusInt32:  # noqa: N802
        return 0

    @dbus_property(access=PropertyAccess.READ)
    def IconName(self) -> DBusStr:  # noqa: N802
        return ""

    @dbus_property(access=PropertyAccess.READ)
    def IconPixmap(self) -> Annotated[_Pixmaps, DBusSignature("a(iiay)")]:  # noqa: N802
        return _pixmaps(self._face.mark, self._panel)

    @dbus_property(access=PropertyAccess.READ)
    def OverlayIconName(self) -> DBusStr:  # noqa: N802
        return ""

    @dbus_property(access=PropertyAccess.READ)
    def OverlayIconPixmap(self) -> Annotated[_Pixmaps, DBusSignature("a(iiay)")]:  # noqa: N802
        return []

    @dbus_property(access=PropertyAccess.READ)
    def AttentionIconName(self) -> DBusStr:  # noqa: N802
        return ""

    @dbus_property(access=PropertyAccess.READ)
    def AttentionIconPixmap(self) -> Annotated[_Pixmaps, DBusSignature("a(iiay)")]:  # noqa: N802
        return []

    @dbus_property(access=PropertyAccess.READ)
    def ToolTip(self) -> Annotated[list[object], DBusSignature("(sa(iiay)ss)")]:  # noqa: N802
        title = _("dreamsync: {state}").format(state=self._face.title)
        # Panels take the text for markup, and the title for plain text.
        details = "\n".join(html.escape(line, quote=False) for line in self._face.details)
        return ["", [], title, details]

    @dbus_property(access=PropertyAccess.READ)
    def ItemIsMenu(self) -> DBusBool:  # noqa: N802
        return False

    @dbus_property(access=PropertyAccess.READ)
    def Menu(self) -> DBusObjectPath:  # noqa: N802
        return MENU_PATH

    @dbus_method()
    def Activate(self, _x: DBusInt32, _y: DBusInt32) -> None:  # noqa: N802
        self._on_action(Do.OPEN_FOLDER)

    @dbus_method()
    def SecondaryActivate(self, _x: DBusInt32, _y: DBusInt32) -> None:  # noqa: N802
        """The middle button: nothing that could be hit by mistake."""

    @dbus_method()
    def ContextMenu(self, _x: DBusInt32, _y: DBusInt32) -> None:  # noqa: N802
        """Panels show the menu themselves."""

    @dbus_method()
    def Scroll(self, _delta: DBusInt32, _orientation: DBusStr) -> None:  # noqa: N802
        """Nothing to scroll through."""

    @dbus_signal()
    def NewIcon(self) -> None:  # noqa: N802
        """The panel reads the icon again."""

    @dbus_signal()
    def NewToolTip(self) -> None:  # noqa: N802
        """The panel reads the tooltip again."""

    @dbus_signal()
    def NewTitle(self) -> None:  # noqa: N802
        """Never: the title is the program's name."""

    @dbus_signal()
    def NewStatus(self, status: str) -> DBusStr:  # noqa: N802
        return status


@cache
def _pixmaps(mark: Mark, panel: Panel) -> _Pixmaps:
    return [[size, size, _argb(draw(mark, size, panel))] for size in SIZES]


def _argb(icon: Image.Image) -> bytes:
    """Network byte order, as the interface wants it."""
    red, green, blue, alpha = icon.split()
    bands: Sequence[Image.Image] = (alpha, red, green, blue)
    return Image.merge("RGBA", bands).tobytes()
