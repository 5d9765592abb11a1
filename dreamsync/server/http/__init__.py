"""The server's HTTP face: docs/protocol.md as a Starlette application.

Owns routes, bearer authentication, body limits, problem documents, presigned URLs, push streams
and the access log. Refuses rules: what a call may do is the service's, who may call is the
accounts'. Both block, so they are called in worker threads, each kind within its own limit.

Read first: `application.py` (the table of routes), then `backend.py` and `authentication.py`.
"""
