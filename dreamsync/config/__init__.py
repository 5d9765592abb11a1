"""What a person may set, and where one instance keeps its things.

Owns the settings with their defaults, the TOML file (read strictly, written atomically) and the
paths of an instance. Refuses secrets: tokens are `desktop/secrets.py`'s. `DREAMSYNC_HOME`,
`DREAMSYNC_LANG` and `DREAMSYNC_LOG` are the only environment variables of dreamsync's own.

Read first: `settings.py`, then `paths.py`. Nothing is re-exported here: `dreamsync status` needs
the paths only, and the settings would cost it a tenth of its time.
"""
