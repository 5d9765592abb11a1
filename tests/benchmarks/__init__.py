"""The benchmarks: dreamsync, its peers and the physical limit, side by side in one run.

Owns what is measured (`workloads/`, a file each), who takes part (`contenders/`, a file each), the
interleaved running (`runner.py`) and what is said of it (`results.py`, `table.py`, `plot.py`).
Refuses verdicts on absolute figures, which drift with the machine and the day: what counts is the
ratio of medians from the same run. Refuses shortcuts, too: durability and verification stay on in
every contender, and a run ends when the last file is whole and a `sync` after it has returned.

Everything happens in one temporary folder with a HOME of its own; nothing of the person who runs it
is read or changed.

Read first: `contender.py`, `workloads/workload.py`, then `workloads/crossing.py`.
"""
