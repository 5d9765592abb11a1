"""What the server knows of spaces: nodes, revisions, contents, commits, answers, uploads.

Owns the `MetadataStore` protocol and its SQLite implementation. Refuses rules: it stores what the
service decided and answers by key. PostgreSQL and DynamoDB come next behind the same protocol;
`tests/server/metadata/conformance.py` is what they must pass.

Read first: `records.py`, then `store.py`; `database.py` opens the file that accounts share.
"""
