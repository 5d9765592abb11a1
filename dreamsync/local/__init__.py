"""This disk: looking at the folder, being told of changes, and changing it safely.

Owns every system call on the synced folder: listing, reading, staging, replacing, moving, the
trash, the root's marker and the watcher. Refuses decisions: it does what an effect says if the
disk is still as the effect expects, and otherwise says `Changed`.

Read first: `protocol.py`; then `disk.py` (the real disk) and `watch.py`. What differs between
systems is in `posix.py` and `windows.py`, `watch_inotify.py` and `watch_observer.py`.
"""
