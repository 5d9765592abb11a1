"""The effects: generators that carry out operations on disk and server, and nothing else.

Each job looks again before it acts, yields after each effect, and answers with an outcome for each
of its operations; one operation's failure never takes its neighbours along. Refuses the journal.

Read first: `upload.py` and `download.py`; `changes.py` holds everything that moves no content.
"""
