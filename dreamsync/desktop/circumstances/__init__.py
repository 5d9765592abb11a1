"""What goes on around a program: power, kind of network, sleep.

Owns `Circumstances` (battery? metered?) and *disturbances* (the computer slept, the network is
another one), told by whatever the system tells them with; where it tells nothing, nothing is known
and nothing is concluded. Refuses conclusions: whether to pause is the daemon's decision.

Read first: `watch.py`; then the file of a system.
"""
