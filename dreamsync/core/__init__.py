"""The pure heart: what a tree is, what differs, and what is to be done about it.

Owns names, nodes, trees, content identity, ignore rules, reconciliation, order, conflicts and
the mass-deletion guard. Refuses I/O, clocks, randomness, logging and every import from the other
rooms: the same arguments always give the same answer.

Read first: `nodes.py` (the nouns), then `operations.py` (the verbs), then `reconcile.py`.
"""
