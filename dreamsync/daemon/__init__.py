"""The program in the background: everything put together, kept single, started, watched and ended.

Owns the composition of an instance, its locks, threads, signals and logs, and what changes an
instance as a whole: signing in and out, moving the folder, the embedded server, the checks of
`doctor`. Refuses decisions about files (engine) and anything a person sees (cli, tray). This is the
one client room that may import all others.

Read first: `instance.py` (what an instance is made of), `run.py` (its life), `locks.py`.
"""
