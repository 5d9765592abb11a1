"""The durable state of one instance: one SQLite file that survives every crash.

Owns the three trees, the change queue, intents, transfers, problems, holds and history, with their
schema and migrations. Refuses decisions and every look at the disk or the server: it keeps what it
is told, all of one step or nothing of it. One writer: the engine, in one transaction per step.

Within a transaction no row is read twice (`remembered.py`), writes are gathered (`statements.py`).

Read first: `schema/0001_journal.sql`, then `journal.py`, then `trees.py`.
"""
