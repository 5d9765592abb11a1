"""TOML text to `Config` and back. Strict: what is not a setting is an error, never ignored."""

import difflib
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from enum import Enum
from typing import cast, get_type_hints

from dreamsync.config.errors import ConfigError
from dreamsync.config.settings import Config
from dreamsync.message import N_

Value = str | int | bool | Enum
Plain = str | int | bool


def parse_config(text: str, path: str) -> Config:
    """The settings in `text`; `path` is only for messages. Raise `ConfigError`."""
    source = _Source(text, path)
    document = source.read_toml()
    tables = get_type_hints(Config)
    for name, value in document.items():
        if name not in tables:
            raise source.unknown(None, name, tables)
        if not isinstance(value, dict):
            raise source.error(None, name, N_("[{table}] must be a table.", table=name))
    parsed = {
        name: _parse_table(source, name, kind, cast("Mapping[str, object]", document[name]))
        for name, kind in tables.items()
        if name in document
    }
    return Config(**parsed)  # type: ignore[arg-type]  # each table was built from its own type


def with_setting(config: Config, key: str, word: str, path: str) -> Config:
    """`config` with one setting as typed at a prompt: `sync.poll_seconds`, `60`.

    Raise `ConfigError`.
    """
    check_key(key, path)
    table, _dot, name = key.partition(".")
    kind = get_type_hints(Config)[table]
    setting = _setting(kind, name)
    value = _parse_value(_Source("", path), table, setting, _from_word(word, setting.kind))
    changed = replace(getattr(config, table), **{name: value})
    return replace(config, **{table: changed})


def check_key(key: str, path: str) -> None:
    """Raise `ConfigError`, naming the nearest setting, where `key` is none."""
    if key not in all_keys():
        raise _Source("", path).unknown(None, key, all_keys())


def all_values(config: Config) -> Mapping[str, Plain]:
    """Every setting's value by its key."""
    return {
        key: plain_value(getattr(getattr(config, key.partition(".")[0]), key.partition(".")[2]))
        for key in all_keys()
    }


def all_keys() -> list[str]:
    """Every setting as `table.name`, in the order of `config.example.toml`."""
    tables = get_type_hints(Config)
    return [f"{table}.{one.name}" for table, kind in tables.items() for one in fields(kind)]


def plain_value(value: Value) -> Plain:
    """A setting as TOML and JSON write it."""
    return str(value.value) if isinstance(value, Enum) else value


def to_document(config: Config) -> dict[str, dict[str, Plain]]:
    """The tables with what differs from the defaults: what a later version changes its mind about
    then still reaches whoever never chose."""
    document: dict[str, dict[str, Plain]] = {}
    for table in fields(config):
        values = getattr(config, table.name)
        chosen = {
            one.name: plain_value(getattr(values, one.name))
            for one in fields(values)
            if getattr(values, one.name) != one.default
        }
        if chosen:
            document[table.name] = chosen
    return document


@dataclass(frozen=True, slots=True)
class _Setting:
    """One setting's name, type and, for a number, the least and the most; for a text that has a
    form, what reads it."""

    name: str
    kind: type
    limits: Mapping[str, int]
    form: Callable[[str], object] | None = None
    example: str = ""

    def allows(self, value: object) -> bool:
        if type(value) is not self.kind:
            return False
        if isinstance(value, str) and self.form is not None:
            try:
                self.form(value)
            except ValueError:
                return False
        if not isinstance(value, int) or not self.limits:
            return True
        return self.limits["least"] <= value <= self.limits["most"]

    @property
    def expected(self) -> str:
        if issubclass(self.kind, Enum):
            words = ", ".join(f'"{member.value}"' for member in self.kind)
            return N_("one of {words}", words=words)
        if self.limits:
            return N_("a whole number from {least} to {most}", **self.limits)
        if self.example:
            return N_('a text such as "{example}"', example=self.example)
        return N_("true or false") if self.kind is bool else N_("a text in quotes")


@dataclass(frozen=True, slots=True)
class _Source:
    """The text being read, and where it is from: makes the errors that point into it."""

    text: str
    path: str

    def read_toml(self) -> dict[str, object]:
        try:
            return tomllib.loads(self.text)
        except tomllib.TOMLDecodeError as error:
            line = re.search(r"at line (\d+)", str(error))
            message = N_("This is not valid TOML: {reason}.", reason=error)
            raise ConfigError(message, self.path, int(line[1]) if line else None) from error

    def error(
        self, table: str | None, name: str, message: str, hint: str | None = None
    ) -> ConfigError:
        key = name if table is None else f"{table}.{name}"
        return ConfigError(message, self.path, self._line_of(table, name), key, hint)

    def unknown(self, table: str | None, name: str, known: Iterable[str]) -> ConfigError:
        prefix = "" if table is None else f"{table}."
        near = difflib.get_close_matches(name, list(known), n=1, cutoff=0.5)
        hint = N_("Did you mean {nearest}?", nearest=prefix + near[0]) if near else None
        return self.error(table, name, N_("{key} is not a setting.", key=prefix + name), hint)

    def _line_of(self, table: str | None, name: str) -> int | None:
        """The line that sets `name`, or opens the table `name`; None where it cannot be told."""
        current: str | None = None
        sets_name = re.compile(rf"\s*[\"']?{re.escape(name)}[\"']?\s*=")
        for number, line in enumerate(self.text.splitlines(), start=1):
            header = re.match(r"\s*\[\s*([^\]\s]+)\s*\]", line)
            current = header[1] if header else current
            if table is None and header and current == name:
                return number
            if current == table and sets_name.match(line):
                return number
        return None


def _parse_table(source: _Source, table: str, kind: type, values: Mapping[str, object]) -> object:
    known = [one.name for one in fields(kind)]
    for name in values:
        if name not in known:
            raise source.unknown(table, name, known)
    settings = {
        name: _parse_value(source, table, _setting(kind, name), value)
        for name, value in values.items()
    }
    return kind(**settings)


def _parse_value(source: _Source, table: str, setting: _Setting, value: object) -> Value:
    if issubclass(setting.kind, Enum):
        if value in [member.value for member in setting.kind]:
            return setting.kind(value)
    elif setting.allows(value):
        return cast("Plain", value)
    message = N_(
        "{key} must be {expected}, not {value}.",
        key=f"{table}.{setting.name}",
        expected=setting.expected,
        value=repr(value),
    )
    raise source.error(table, setting.name, message)


def _setting(kind: type, name: str) -> _Setting:
    said = next(one.metadata for one in fields(kind) if one.name == name)
    limits = {limit: said[limit] for limit in ("least", "most") if limit in said}
    form, example = said.get("form"), said.get("example", "")
    return _Setting(name, get_type_hints(kind)[name], limits, form, example)


def _from_word(word: str, kind: type) -> object:
    if kind is bool:
        return {"true": True, "on": True, "false": False, "off": False}.get(word.lower(), word)
    if kind is int and re.fullmatch(r"-?[0-9]{1,18}", word):
        return int(word)
    return word
