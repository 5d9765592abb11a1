"""A virtual screen with a real panel on it, a mouse, and a camera."""

import os
import struct
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image

from tests.support.e2e import wait_until
from tests.support.session_bus import need_programs, session_bus

SIZE = (1024, 600)
PANEL_HEIGHT = 32
PROGRAMS = ("Xvfb", "xdotool", "xfce4-panel", "xfconf-query")

_HEADER_BYTES, _BYTES_A_LINE, _COLOURS = 0, 12, 19
"""Where the header of such a picture, all big-endian numbers, tells its own length and more."""
_BYTES_A_COLOUR = 12

_PANEL_SETTINGS = """<?xml version="1.0"?>
<channel name="xfce4-panel" version="1.0">
  <property name="configver" type="int" value="2"/>
  <property name="panels" type="array">
    <value type="int" value="1"/>
    <property name="panel-1" type="empty">
      <property name="position" type="string" value="p=10;x=0;y=0"/>
      <property name="length" type="uint" value="100"/>
      <property name="position-locked" type="bool" value="true"/>
      <property name="size" type="uint" value="32"/>
      <property name="plugin-ids" type="array"><value type="int" value="1"/></property>
    </property>
  </property>
  <property name="plugins" type="empty">
    <property name="plugin-1" type="string" value="systray"/>
  </property>
</channel>
"""


@dataclass
class Screen:
    """`environment` is what programs need that shall be seen on it."""

    environment: dict[str, str]
    memory: Path
    _panel: ExitStack = field(default_factory=ExitStack)

    def start_panel(self) -> None:
        self._panel.enter_context(
            _running("xfce4-panel", "--disable-wm-check", environment=self.environment)
        )
        wait_until(lambda: _has_panel(self.picture()), "the panel", seconds=60)

    def end_panel(self) -> None:
        self._panel.close()

    def picture(self) -> Image.Image:
        """What is in the screen's memory, a file in X's own format for pictures of windows."""
        content = self.memory.read_bytes()
        header = struct.unpack_from(">25I", content)
        pixels = header[_HEADER_BYTES] + header[_COLOURS] * _BYTES_A_COLOUR
        return Image.frombytes("RGB", SIZE, content[pixels:], "raw", "BGRX", header[_BYTES_A_LINE])

    def move_to(self, x: int, y: int) -> None:
        self._run("xdotool", "mousemove", str(x), str(y))

    def click(self, x: int, y: int, *, button: int = 1) -> None:
        self._run("xdotool", "mousemove", str(x), str(y), "click", str(button))

    def press(self, *keys: str) -> None:
        self._run("xdotool", "key", *keys)

    def _run(self, *command: str) -> "subprocess.CompletedProcess[bytes]":
        return subprocess.run(
            command, env=self.environment, check=True, capture_output=True, timeout=20
        )


@contextmanager
def screen_with_panel(environment: Mapping[str, str], folder: Path) -> Iterator[Screen]:
    """The same with an xfce4-panel that holds nothing but a tray."""
    need_programs(*PROGRAMS)
    settings = folder / "config/xfce4/xfconf/xfce-perchannel-xml/xfce4-panel.xml"
    settings.parent.mkdir(parents=True)
    settings.write_text(_PANEL_SETTINGS)
    with virtual_screen(environment, folder) as screen, ExitStack() as stack:
        stack.callback(screen.end_panel)
        screen.start_panel()
        yield screen


@contextmanager
def virtual_screen(environment: Mapping[str, str], folder: Path) -> Iterator[Screen]:
    """With a session bus, and nothing on it yet."""
    need_programs("Xvfb", "xdotool")
    with ExitStack() as stack:
        memory = folder / "memory"
        memory.mkdir(parents=True)
        display = stack.enter_context(_display(memory))
        runtime = folder / "run"
        runtime.mkdir(mode=0o700, parents=True)
        # Before the bus starts: what it starts inherits this.
        own = {
            **environment,
            "DISPLAY": display,
            "XDG_RUNTIME_DIR": str(runtime),
            "XDG_CONFIG_HOME": str(folder / "config"),
            "NO_AT_BRIDGE": "1",
        }
        own["DBUS_SESSION_BUS_ADDRESS"] = stack.enter_context(session_bus(own))
        yield Screen(own, memory / "Xvfb_screen0")


def has_settled(screen: Screen, before: Image.Image) -> bool:
    """Whether something else is there than before, and has come to rest."""
    now = screen.picture().tobytes()
    if now == before.tobytes():
        return False
    time.sleep(0.3)
    return screen.picture().tobytes() == now


def _has_panel(picture: Image.Image) -> bool:
    """The screen is black without it."""
    x, y = SIZE[0] // 2, SIZE[1] - PANEL_HEIGHT // 2
    return picture.getpixel((x, y)) != picture.getpixel((x, 10))


@contextmanager
def _display(memory: Path) -> Iterator[str]:
    reader, writer = os.pipe()
    width, height = SIZE
    server = subprocess.Popen(
        [
            "Xvfb",
            "-fbdir",
            str(memory),
            "-displayfd",
            str(writer),
            "-screen",
            "0",
            f"{width}x{height}x24",
            "-nolisten",
            "tcp",
        ],
        pass_fds=(writer,),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(writer)
    try:
        with os.fdopen(reader) as told:
            yield ":" + told.readline().strip()
    finally:
        server.terminate()
        server.wait()


@contextmanager
def _running(*command: str, environment: Mapping[str, str]) -> Iterator[None]:
    process = subprocess.Popen(
        command, env=dict(environment), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        yield
    finally:
        process.terminate()
        process.wait()
