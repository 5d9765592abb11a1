"""dreamsync's own server: the REST contract of docs/protocol.md.

Owns the rules (`service`), what they store (`metadata` and `blobs`; `migrations` grow the schema),
people and devices (`accounts`), and the way to the network (`http`). Refuses client rooms: it sees
`wire`, and of `core` the names, nodes and digests.

Read first: `service/__init__.py`.
"""
