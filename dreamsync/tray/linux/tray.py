"""The connection to the session bus, and the search for a panel that shows the icon."""

import asyncio
import threading
from collections.abc import Callable, Coroutine

from dbus_fast import BusType, Message, MessageFlag, MessageType
from dbus_fast.aio import MessageBus
from dbus_fast.errors import AuthError, InvalidAddressError

from dreamsync.i18n import _
from dreamsync.tray.actions import Action
from dreamsync.tray.face import Face
from dreamsync.tray.icons import Panel
from dreamsync.tray.linux.appearance import panel_by_portal
from dreamsync.tray.linux.dbus_menu import DBusMenu
from dreamsync.tray.linux.item import MENU_PATH, StatusNotifierItem
from dreamsync.tray.linux.notifications import Notifications
from dreamsync.tray.notices import Kind, Notice
from dreamsync.tray.protocol import TrayTrouble

ITEM_PATH = "/StatusNotifierItem"
WATCHER = "org.kde.StatusNotifierWatcher"
_BUS = "org.freedesktop.DBus"
_OWNER_CHANGES = (
    f"type='signal',sender='{_BUS}',interface='{_BUS}',member='NameOwnerChanged',arg0='{WATCHER}'"
)
_PATIENCE_SECONDS = 3.0
"""At login the panel may start after us: so long nothing is said of there being none."""


_Saying = Callable[[Notifications], Coroutine[object, object, None]]


class LinuxTray:
    """Implements `Tray`. `panel` None: found out. `tell` is called, once, where no panel has a
    place for icons."""

    def __init__(self, panel: Panel | None, tell: Callable[[str], None]) -> None:
        self._panel = panel
        self._tell = tell
        self._guard = threading.Lock()
        self._face: Face | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ended: asyncio.Event | None = None
        self._stopped = False
        self._item: StatusNotifierItem | None = None
        self._menu: DBusMenu | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._has_host = False
        self._notifications: Notifications | None = None
        self._unsaid: list[_Saying] = []

    def run(self, on_action: Callable[[Action], None]) -> None:
        asyncio.run(self._main(on_action))

    def show(self, face: Face) -> None:
        with self._guard:
            self._face = face
            if self._loop is not None:
                self._loop.call_soon_threadsafe(self._apply)

    def notify(self, notice: Notice) -> None:
        self._say(lambda notifications: notifications.show(notice))

    def withdraw(self, kind: Kind) -> None:
        self._say(lambda notifications: notifications.withdraw(kind))

    def stop(self) -> None:
        with self._guard:
            self._stopped = True
            if self._loop is not None and self._ended is not None:
                self._loop.call_soon_threadsafe(self._ended.set)

    async def _main(self, on_action: Callable[[Action], None]) -> None:
        bus = await _connect()
        self._item = StatusNotifierItem(self._panel or Panel.EITHER, on_action)
        self._menu = DBusMenu(on_action)
        self._notifications = Notifications(bus, on_action)
        bus.export(ITEM_PATH, self._item)
        bus.export(MENU_PATH, self._menu)
        ended = asyncio.Event()
        with self._guard:
            self._loop, self._ended = asyncio.get_running_loop(), ended
            if self._stopped:
                ended.set()
        self._apply()
        self._say_all()
        try:
            await self._find_host(bus)
            if self._panel is None:
                self._item.use(await panel_by_portal(bus))
            await _first_of(ended.wait(), bus.wait_for_disconnect())  # type: ignore[no-untyped-call]
        finally:
            with self._guard:
                self._loop = None
            bus.disconnect()

    def _say(self, saying: _Saying) -> None:
        with self._guard:
            self._unsaid.append(saying)
            if self._loop is not None:
                self._loop.call_soon_threadsafe(self._say_all)

    def _say_all(self) -> None:
        with self._guard:
            sayings, self._unsaid = self._unsaid, []
        if self._notifications is not None:
            for saying in sayings:
                self._later(saying(self._notifications))

    def _apply(self) -> None:
        with self._guard:
            face = self._face
        if face is not None and self._item is not None and self._menu is not None:
            self._menu.show(face.menu)
            self._item.show(face)

    async def _find_host(self, bus: MessageBus) -> None:
        """Now, and whenever a panel starts, or starts again."""

        def owner_changed(message: Message) -> None:
            if message.member == "NameOwnerChanged" and message.body[0] == WATCHER:
                self._has_host = False
                if message.body[2]:
                    self._later(self._register(bus))

        bus.add_message_handler(owner_changed)
        await bus.call(_to_bus("AddMatch", _OWNER_CHANGES))
        await self._register(bus)
        asyncio.get_running_loop().call_later(_PATIENCE_SECONDS, self._tell_if_hidden)

    async def _register(self, bus: MessageBus) -> None:
        reply = await bus.call(
            Message(
                destination=WATCHER,
                path="/StatusNotifierWatcher",
                interface=WATCHER,
                member="RegisterStatusNotifierItem",
                signature="s",
                body=[ITEM_PATH],
                flags=MessageFlag.NO_AUTOSTART,
            )
        )
        if reply.message_type is MessageType.METHOD_RETURN:
            self._has_host = True

    def _tell_if_hidden(self) -> None:
        if not self._has_host:
            self._tell(no_place())

    def _later(self, work: Coroutine[object, object, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def no_place() -> str:
    return _(
        "This desktop shows no tray icons at the moment; syncing goes on, and the icon comes as "
        "soon as there is a place for it. (GNOME needs the AppIndicator extension.) "
        "See the state with: dreamsync status"
    )


async def _connect() -> MessageBus:
    try:
        return await MessageBus(bus_type=BusType.SESSION).connect()
    except (OSError, AuthError, InvalidAddressError, ValueError) as error:
        raise TrayTrouble(
            _("There is no desktop session to show an icon in ({reason}).").format(reason=error)
        ) from error


async def _first_of(*waiting: Coroutine[object, object, object]) -> None:
    tasks = [asyncio.ensure_future(one) for one in waiting]
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def _to_bus(member: str, argument: str) -> Message:
    return Message(
        destination=_BUS,
        path="/org/freedesktop/DBus",
        interface=_BUS,
        member=member,
        signature="s",
        body=[argument],
    )
