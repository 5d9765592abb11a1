"""What the system starts at login: our entries in the place that each system has for them.

An *entry* is one file or one registry value, and starts one *program*. It is ours by its name and
by a mark in it: what a person or another program put there is neither replaced nor removed.
`entry.py` has the terms; `linux.py`, `macos.py` and `windows.py` make the entries of their system.
"""
