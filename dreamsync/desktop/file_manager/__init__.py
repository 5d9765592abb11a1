"""The synced folder in the system's file manager: in its sidebar, with an icon, emblems and a menu.

Owns what is written into a file manager's own files, and takes exactly that away again: a *part* is
one such thing. What was there before is left as it was, byte for byte; nothing is written into the
synced folder but what never syncs. Refuses to know how items stand: the extension, which lives in
the file manager's process, asks the daemon for that.

Read first: `part.py`, `integration.py`; then `extension/dreamsync_files.py`.
"""
