"""Servers, as the engine sees them: one protocol, several kinds behind it.

Owns the `Remote` protocol with its capabilities and errors, the REST client and the in-memory
reference. Refuses any knowledge of the local disk, the journal or the plan: a remote is told what
to do and answers with what the server then has.

Read first: `protocol.py`, then `errors.py`; `memory/` is the contract in its shortest form.
"""
