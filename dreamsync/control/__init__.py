"""What tray, command line and status page may ask of the daemon, and how the asking travels.

Owns the `Commands` protocol, its JSON messages, the server inside the daemon and the client
outside. Refuses the engine's insides: whoever asks sees `Commands` and `Status`, and nothing else.

Read first: `commands.py`, then `calls.py` (what travels), `server.py` and `client.py`.
"""
