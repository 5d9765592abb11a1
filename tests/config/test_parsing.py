"""The configuration file is read strictly, and every refusal says where and what instead."""

import pytest

from dreamsync.config.errors import ConfigError
from dreamsync.config.parsing import all_keys, all_values, parse_config, with_setting
from dreamsync.config.settings import Config, LogLevel, SecretsKind

PATH = "/home/mina/config.toml"


def test_an_empty_file_gives_the_defaults() -> None:
    assert parse_config("", PATH) == Config()


def test_settings_are_typed() -> None:
    config = parse_config(
        '[sync]\npoll_seconds = 5\n[desktop]\nsecrets = "file"\n[log]\nlevel = "debug"\n', PATH
    )
    assert config.sync.poll_seconds == 5
    assert config.desktop.secrets is SecretsKind.FILE
    assert config.log.level is LogLevel.DEBUG


@pytest.mark.parametrize(
    ("text", "line", "key", "says"),
    [
        ("[sync]\n\npol_seconds = 5", 3, "sync.pol_seconds", "is not a setting"),
        ("[snyc]\npoll_seconds = 5", 1, "snyc", "is not a setting"),
        ("stray = 1", 1, "stray", "is not a setting"),
        ("sync = 5", 1, "sync", "must be a table"),
        ('[sync]\npoll_seconds = "5"', 2, "sync.poll_seconds", "a whole number from 1"),
        ("[sync]\npoll_seconds = 0", 2, "sync.poll_seconds", "a whole number from 1"),
        ("[sync]\npoll_seconds = true", 2, "sync.poll_seconds", "a whole number from 1"),
        ("[folder]\nignore_builtins = 1", 2, "folder.ignore_builtins", "true or false"),
        ("[account]\nserver = 1", 2, "account.server", "a text in quotes"),
        ('[desktop]\nsecrets = "paper"', 2, "desktop.secrets", '"keyring", "file"'),
        ("[sync\npoll_seconds = 5", 1, None, "not valid TOML"),
    ],
)
def test_a_mistake_is_named_with_its_line(text: str, line: int, key: str | None, says: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_config(text, PATH)
    assert (caught.value.line, caught.value.key) == (line, key)
    assert says in caught.value.message
    assert str(caught.value).startswith(f"{PATH}, line {line}: ")


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("[sync]\npol_seconds = 5", "Did you mean sync.poll_seconds?"),
        ("[snyc]", "Did you mean sync?"),
        ("[network]\nzzz = 5", None),
    ],
)
def test_the_nearest_setting_is_suggested(text: str, hint: str | None) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_config(text, PATH)
    assert caught.value.hint == hint


@pytest.mark.parametrize(
    ("key", "word", "value"),
    [
        ("sync.poll_seconds", "60", 60),
        ("folder.ignore_builtins", "off", False),
        ("desktop.secrets", "file", "file"),
        ("account.device_name", "노트북", "노트북"),
    ],
)
def test_a_setting_typed_at_a_prompt_is_checked_alike(key: str, word: str, value: object) -> None:
    assert all_values(with_setting(Config(), key, word, PATH))[key] == value


@pytest.mark.parametrize("key", ["poll_seconds", "sync", "sync.", "sync.pol_seconds", "x.y", ""])
def test_an_unknown_key_at_a_prompt_is_refused(key: str) -> None:
    with pytest.raises(ConfigError, match="not a setting"):
        with_setting(Config(), key, "1", PATH)


def test_keys_are_listed_by_table() -> None:
    assert all_keys()[0] == "account.server"
    assert "network.upload_limit_kib" in all_keys()
