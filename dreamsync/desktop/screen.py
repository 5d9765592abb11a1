"""Whether a person sits in front of this: a session with a screen, where an icon can be seen."""

import os
import sys


def has_screen() -> bool:
    """On Linux: a display and a session bus. Elsewhere a session has always a screen, but for one
    that came over SSH."""
    if os.environ.get("SSH_CONNECTION") and not os.environ.get("DISPLAY"):
        return False
    if sys.platform in {"win32", "darwin"}:
        return True
    shown = os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    return bool(shown) and has_session_bus()


def has_session_bus() -> bool:
    """Linux: whether programs of this session can speak to each other."""
    if os.environ.get("DBUS_SESSION_BUS_ADDRESS"):
        return True
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    return runtime is not None and os.path.exists(os.path.join(runtime, "bus"))
