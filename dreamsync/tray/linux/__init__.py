"""The icon on Linux: a StatusNotifierItem with its menu, both over D-Bus, with neither X nor GTK.

`tray.py` holds the connection and looks for a panel, `item.py` is the icon, `dbus_menu.py` the menu
and `menu_ids.py` (pure) which number each of its lines has.
"""
