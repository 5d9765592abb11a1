"""The engine: from an event to a dirty node, a plan, operations and a new base.

Owns the cycle (observe, plan, execute, commit), the change of each tree after a verified effect,
retries, the guard's holds and the status. Refuses threads, sleeps, clocks and random numbers of its
own: it is stepped with events and answers with jobs, which somebody else runs; the daemon in a pool
of threads, the simulator one effect at a time.

Read first: `events.py`, then `engine.py`; then in the order of the flow: `observe.py` and
`intake.py` (disk to local tree), `feed.py` (server to remote tree), `planning.py` (plan to jobs),
`jobs/` (the effects), `outcomes.py` (what came of them) and `settle.py` (outcomes to base).
"""
