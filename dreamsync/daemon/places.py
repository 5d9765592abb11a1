"""Which folder is meant where none, or a new one, was named."""

import os

from dreamsync.config.file import load_config
from dreamsync.config.paths import InstancePaths


def folder_for(paths: InstancePaths, named: str | None) -> str:
    """The folder named, else the one synced so far, else the usual place; absolute."""
    known = load_config(paths.config_file).folder.path
    return os.path.abspath(os.path.expanduser(named or known or paths.default_folder))
