"""Whether there is somebody to show an icon to; on Linux."""

import sys
from pathlib import Path

import pytest

from dreamsync.desktop.screen import has_screen

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="other systems always have one")


@pytest.mark.parametrize(
    ("variables", "seen"),
    [
        ({}, False),
        ({"DISPLAY": ":0"}, False),
        ({"DBUS_SESSION_BUS_ADDRESS": "unix:path=/b"}, False),
        ({"DISPLAY": ":0", "DBUS_SESSION_BUS_ADDRESS": "unix:path=/b"}, True),
        ({"WAYLAND_DISPLAY": "wayland-0", "DBUS_SESSION_BUS_ADDRESS": "unix:path=/b"}, True),
    ],
)
def test_a_screen_is_a_display_with_a_session(
    variables: dict[str, str], seen: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    assert has_screen() is seen


def test_the_bus_may_lie_where_every_session_has_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    assert has_screen() is False

    (tmp_path / "bus").touch()

    assert has_screen() is True
