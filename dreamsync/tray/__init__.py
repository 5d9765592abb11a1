"""The tray icon: what the daemon does, seen at a glance, and what a person may ask of it.

Owns the menu and the icons, which are pure (`view.py` in, `face.py` out, the same on every system),
the client that follows the daemon, and one `Tray` for each kind of system: our own
StatusNotifierItem with its D-Bus menu on Linux, pystray on Windows and macOS. Refuses everything
that syncing needs: without the tray nothing is missing but the icon, and its end stops nothing.

Read first: `view.py`, `menu.py`, `face.py`; then `app.py` (how the parts go together) and
`protocol.py`.
"""
