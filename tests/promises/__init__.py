"""What dreamsync promises, and which tests hold it to each promise.

Owns the promises in plain words (`invariants.py`), the catalogue of faults that it bears
(`faults.py`), the markers by which tests name both (`markers.py`) and the document made of them
(`document.py`, docs/promises.md). Refuses to judge whether a test is a good one: the mutants do
(`tests/mutants`).

Read first: `invariants.py` and `faults.py`. `python -m tests.promises --write` makes the document
anew.
"""
