"""Settings survive the way to the disk and back, in a file nobody else can read."""

import dataclasses
import os
import pathlib
import re
import stat
import sys

import pytest

from dreamsync.config.errors import ConfigError
from dreamsync.config.file import load_config, save_config
from dreamsync.config.parsing import all_keys, parse_config
from dreamsync.config.settings import Config, DesktopSettings, SecretsKind, SyncSettings

EXAMPLE = pathlib.Path(__file__).parents[2] / "config.example.toml"


def test_a_missing_file_gives_the_defaults(tmp_path: pathlib.Path) -> None:
    assert load_config(str(tmp_path / "config.toml")) == Config()


def test_what_was_saved_is_loaded(tmp_path: pathlib.Path) -> None:
    path = str(tmp_path / "new" / "config.toml")
    config = dataclasses.replace(
        Config(),
        sync=SyncSettings(poll_seconds=7),
        desktop=DesktopSettings(secrets=SecretsKind.FILE),
    )
    save_config(config, path)
    assert load_config(path) == config


def test_only_what_was_chosen_is_written(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "config.toml"
    save_config(dataclasses.replace(Config(), sync=SyncSettings(poll_seconds=7)), str(path))
    assert path.read_text() == "[sync]\npoll_seconds = 7\n"


@pytest.mark.security(7)
@pytest.mark.skipif(sys.platform == "win32", reason="no modes")
def test_only_the_owner_can_read_it(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text("")
    path.chmod(0o644)
    save_config(Config(), str(path))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_failed_save_leaves_the_old_file_and_nothing_else(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "config.toml"
    path.write_text("[sync]\npoll_seconds = 9\n")

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        save_config(Config(), str(path))
    assert os.listdir(tmp_path) == ["config.toml"]
    assert load_config(str(path)).sync.poll_seconds == 9


@pytest.mark.parametrize("content", [b"\xff\xfe", b"[sync]\npoll_seconds = \x00"])
def test_bytes_that_are_no_text_are_refused(tmp_path: pathlib.Path, content: bytes) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(content)
    with pytest.raises(ConfigError):
        load_config(str(path))


def test_a_folder_in_its_place_is_refused(tmp_path: pathlib.Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        load_config(str(tmp_path))


def test_the_example_holds_the_defaults() -> None:
    assert parse_config(EXAMPLE.read_text(encoding="utf-8"), str(EXAMPLE)) == Config()


def test_the_example_explains_every_setting() -> None:
    table, explained = "", []
    for line in EXAMPLE.read_text(encoding="utf-8").splitlines():
        header = re.fullmatch(r"\[(\w+)\]", line)
        table = header[1] if header else table
        setting = re.match(r"(\w+) = .+ # \S", line)
        if setting:
            explained.append(f"{table}.{setting[1]}")
    assert explained == all_keys()
