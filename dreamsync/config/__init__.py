"""What a person may set, and where one instance keeps its things.

Owns the settings with their defaults, the TOML file (read strictly, written atomically) and the
paths of an instance. Refuses secrets: tokens are `desktop/secrets.py`'s. `DREAMSYNC_HOME`,
`DREAMSYNC_LANG` and `DREAMSYNC_LOG` are the only environment variables of dreamsync's own.

Read first: `settings.py`, then `paths.py`.
"""

from dreamsync.config.errors import ConfigError
from dreamsync.config.file import load_config, save_config
from dreamsync.config.paths import InstancePaths
from dreamsync.config.settings import Config, LogLevel, SecretsKind

__all__ = [
    "Config",
    "ConfigError",
    "InstancePaths",
    "LogLevel",
    "SecretsKind",
    "load_config",
    "save_config",
]
