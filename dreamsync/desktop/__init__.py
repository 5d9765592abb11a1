"""What the desktop gives a program: a place for secrets, and ways to open a folder or a page.

Owns one file for each such concern; where systems differ, the same functions in one file per
system. Refuses knowledge of the engine. Starting at login, notifications, power and network state
have their place here.

Read first: `secrets.py`.
"""
