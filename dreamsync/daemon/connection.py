"""The configuration as the REST client needs it: how to reach the server, where tokens are."""

from dreamsync.config.paths import InstancePaths
from dreamsync.config.settings import Config
from dreamsync.desktop.secrets import open_token_store
from dreamsync.remotes.rest.connection import Connection
from dreamsync.remotes.rest.tokens import TokenStore


def connection_of(config: Config) -> Connection:
    """Raise `InvalidAddress` for a server that must not be spoken to."""
    return Connection(
        url=config.account.server,
        ca_file=config.network.ca_file or None,
        proxy=config.network.proxy or None,
        fingerprint=config.network.fingerprint or None,
    )


def token_store_of(paths: InstancePaths, config: Config) -> TokenStore:
    """Raise `SecretsUnavailable` where the keyring is not to be had."""
    return open_token_store(paths, config.desktop.secrets)
