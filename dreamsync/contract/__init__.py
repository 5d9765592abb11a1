"""The contract checker: which rules of docs/protocol.md does a server keep?

Owns the rules as small functions in a table (`table.py`), and what a check says of each. Refuses
to touch anything of the account but one folder that it makes, named unmistakably, and cleans away;
and to know anything of how a server is built: it sees what any client sees.

Read first: `rules.py`, then `table.py`; `basics.py` shows what a rule looks like.
"""
