"""Who may speak to the server: accounts, devices, tokens, join codes, sign-in limits.

Owns the tables of `schema.py` and the server's secret. Refuses HTTP, spaces and files: a space's
membership is the service's. Every function blocks; the HTTP face calls them in worker threads.

Read first: `sessions.py` (sign in, refresh, revoke, check), then `refresh.py` (rotation).
"""
