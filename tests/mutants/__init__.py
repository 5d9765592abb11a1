"""Mutants: the code broken on purpose, one rule at a time, to see that a test notices.

Owns the list of what is broken (`catalogue.toml`), the running of it on a copy of the tree
(`running.py`) and what came of it (`results.json`, of which docs/promises.md shows the table).
Refuses to change this tree: every patch is applied to a copy.

Read first: `catalogue.toml`. `./task mutants` runs all, `./task mutants NAME` one.
"""
