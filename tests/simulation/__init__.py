"""The simulator: real engines and journals on simulated disks, network and time, from one seed.

Owns the faults, the schedule and the oracle. Refuses threads, real files, real time and any source
of chance but its seeds: the same seed tells the same story, and a story can be cut short.

Read first: `scenario.py` (what a seed becomes), then `world.py` (how it is played), `oracle.py`
(what must hold in the end) and `vigil.py` (what must never be). `befalling.py` is what happens to
devices and server. `file_system.py` and `disk.py` are the disk, `network.py` the server's distance.
"""
