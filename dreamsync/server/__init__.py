"""dreamsync's own server: the REST contract of docs/protocol.md.

`service` holds the rules, `metadata` and `blobs` keep what it stores, `migrations` grow the schema;
`http` speaks to the network and `accounts` knows people and devices. Refuses client rooms: it sees
`wire`, and of `core` the names, nodes and digests.

Read first: `service/__init__.py`.
"""
