"""Where content lies: immutable bytes under random names, each space's apart from the others'.

Owns the `BlobStore` protocol and its implementation on a folder. Refuses to know what the bytes
mean, who may read them or whether anything still names them. S3 comes next behind the same
protocol; `tests/server/blobs/conformance.py` is what it must pass.

Read first: `store.py`, then `files.py`.
"""
