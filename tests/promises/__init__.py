"""What dreamsync promises, as data: which faults it bears, and which tests show that.

Read first: `faults.py`, the catalogue; `markers.py` finds the tests that hold its rows.
"""
