"""The menu as `com.canonical.dbusmenu`: panels read it from here and send clicks back."""

from collections.abc import Callable, Sequence
from typing import Annotated

from dbus_fast import DBusError, ErrorType, PropertyAccess, Variant
from dbus_fast.annotations import DBusBool, DBusInt32, DBusSignature, DBusStr, DBusUInt32
from dbus_fast.service import ServiceInterface, dbus_method, dbus_property, dbus_signal

from dreamsync.tray.actions import Action
from dreamsync.tray.linux.menu_ids import ROOT, Line, MenuIds, actions_of
from dreamsync.tray.menu import Item, Menu

_Properties = dict[str, Variant]
_Layout = list[object]
"""`(ia{sv}av)`: number, properties, the same of each line below as variants."""

_EVERYTHING = -1


class DBusMenu(ServiceInterface):
    """Calls `on_action` in the bus's thread. Members have the names that the interface gives."""

    def __init__(self, on_action: Callable[[Action], None]) -> None:
        super().__init__("com.canonical.dbusmenu")
        self._on_action = on_action
        self._ids = MenuIds()
        self._revision = 1
        self._root = Line(ROOT, Item("root"))
        self._lines: dict[int, Line] = {ROOT: self._root}

    def show(self, menu: Menu) -> None:
        """An open menu stays open where only words change."""
        before = self._root
        self._root = self._ids.number(menu)
        self._lines = {line.id: line for line in self._root.everything()}
        if self._root == before:
            return
        if self._root.shape() == before.shape():
            self._tell_words(before)
        else:
            self._revision += 1
            self.LayoutUpdated(self._revision, ROOT)

    def _tell_words(self, before: Line) -> None:
        old = {line.id: line.item.label for line in before.everything()}
        changed = [line for line in self._lines.values() if old[line.id] != line.item.label]
        self.ItemsPropertiesUpdated([[line.id, _properties(line)] for line in changed], [])

    @dbus_property(access=PropertyAccess.READ)
    def Version(self) -> DBusUInt32:  # noqa: N802
        return 3

    @dbus_property(access=PropertyAccess.READ)
    def TextDirection(self) -> DBusStr:  # noqa: N802
        return "ltr"

    @dbus_property(access=PropertyAccess.READ)
    def Status(self) -> DBusStr:  # noqa: N802
        return "normal"

    @dbus_property(access=PropertyAccess.READ)
    def IconThemePath(self) -> Annotated[list[str], DBusSignature("as")]:  # noqa: N802
        return []

    @dbus_method()
    def GetLayout(  # noqa: N802
        self,
        parent: DBusInt32,
        depth: DBusInt32,
        names: Annotated[list[str], DBusSignature("as")],
    ) -> Annotated[list[object], DBusSignature("u(ia{sv}av)")]:
        return [self._revision, _layout(self._line(parent), depth, names)]

    @dbus_method()
    def GetGroupProperties(  # noqa: N802
        self,
        ids: Annotated[list[int], DBusSignature("ai")],
        names: Annotated[list[str], DBusSignature("as")],
    ) -> Annotated[list[list[object]], DBusSignature("a(ia{sv})")]:
        wanted = ids or list(self._lines)
        return [
            [number, _chosen(_properties(self._lines[number]), names)]
            for number in wanted
            if number in self._lines
        ]

    @dbus_method()
    def GetProperty(  # noqa: N802
        self, number: DBusInt32, name: DBusStr
    ) -> Annotated[Variant, DBusSignature("v")]:
        properties = _properties(self._line(number))
        if name not in properties:
            raise DBusError(ErrorType.INVALID_ARGS, f"item {number} has no {name}")
        return properties[name]

    @dbus_method()
    def Event(  # noqa: N802
        self,
        number: DBusInt32,
        event: DBusStr,
        _value: Annotated[Variant, DBusSignature("v")],
        _timestamp: DBusUInt32,
    ) -> None:
        self._handle(number, event)

    @dbus_method()
    def EventGroup(  # noqa: N802
        self, events: Annotated[list[list[object]], DBusSignature("a(isvu)")]
    ) -> Annotated[list[int], DBusSignature("ai")]:
        unknown = []
        for number, event, _value, _timestamp in events:
            if number in self._lines:
                self._handle(int(str(number)), str(event))
            else:
                unknown.append(int(str(number)))
        return unknown

    @dbus_method()
    def AboutToShow(self, _number: DBusInt32) -> DBusBool:  # noqa: N802
        return False

    @dbus_method()
    def AboutToShowGroup(  # noqa: N802
        self, ids: Annotated[list[int], DBusSignature("ai")]
    ) -> Annotated[list[list[int]], DBusSignature("aiai")]:
        return [[], [number for number in ids if number not in self._lines]]

    @dbus_signal()
    def ItemsPropertiesUpdated(  # noqa: N802
        self, updated: list[list[object]], removed: list[list[object]]
    ) -> Annotated[list[object], DBusSignature("a(ia{sv})a(ias)")]:
        return [updated, removed]

    @dbus_signal()
    def LayoutUpdated(  # noqa: N802
        self, revision: int, parent: int
    ) -> Annotated[list[int], DBusSignature("ui")]:
        return [revision, parent]

    @dbus_signal()
    def ItemActivationRequested(  # noqa: N802
        self, number: int, timestamp: int
    ) -> Annotated[list[int], DBusSignature("iu")]:
        return [number, timestamp]

    def _line(self, number: int) -> Line:
        line = self._lines.get(number)
        if line is None:
            raise DBusError(ErrorType.INVALID_ARGS, f"there is no item {number}")
        return line

    def _handle(self, number: int, event: str) -> None:
        """A click on what is no longer in the menu does nothing."""
        action = actions_of(self._root).get(number)
        if event == "clicked" and action is not None:
            self._on_action(action)


def _layout(line: Line, depth: int, names: Sequence[str]) -> _Layout:
    below = depth - 1 if depth > 0 else depth
    lines = () if depth == 0 else line.lines
    return [
        line.id,
        _chosen(_properties(line), names),
        [Variant("(ia{sv}av)", _layout(one, below, names)) for one in lines],
    ]


def _chosen(properties: _Properties, names: Sequence[str]) -> _Properties:
    return {name: value for name, value in properties.items() if not names or name in names}


def _properties(line: Line) -> _Properties:
    item = line.item
    if line.id == ROOT:
        return {"children-display": Variant("s", "submenu")}
    if item.is_separator:
        return {"type": Variant("s", "separator")}
    properties = {
        # One underscore marks a letter as the line's key; two are one.
        "label": Variant("s", item.label.replace("_", "__")),
        "enabled": Variant("b", item.action is not None or bool(item.items)),
    }
    if item.items:
        properties["children-display"] = Variant("s", "submenu")
    return properties
