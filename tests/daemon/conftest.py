"""An instance that is set up in files, with nobody behind its server's address."""

import pathlib
import sys
from dataclasses import replace

import pytest

from dreamsync.config.file import save_config
from dreamsync.config.paths import InstancePaths
from dreamsync.config.settings import (
    AccountSettings,
    Config,
    DesktopSettings,
    FolderSettings,
    SecretsKind,
)


@pytest.fixture
def paths(tmp_path: pathlib.Path) -> InstancePaths:
    return InstancePaths.under(str(tmp_path / "home"))


@pytest.fixture
def config(paths: InstancePaths, tmp_path: pathlib.Path) -> Config:
    """Signed in, in a file; port 9 is `discard`: nobody listens there."""
    config = replace(
        Config(),
        account=AccountSettings("http://127.0.0.1:9", "mina@example.com", "acc", "dev", "laptop"),
        folder=FolderSettings(str(tmp_path / "folder")),
        desktop=DesktopSettings(SecretsKind.FILE),
    )
    save_config(config, paths.config_file)
    return config


if sys.platform != "linux":
    collect_ignore = ["test_in_file_manager.py"]
