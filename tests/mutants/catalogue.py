"""The mutants, read from `catalogue.toml`. A patch is a text that stands in its file exactly once,
and what takes its place."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
CATALOGUE = Path(__file__).with_name("catalogue.toml")


class DoesNotApply(Exception):
    """The code has changed: the patch must follow it."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """`promises` are those it breaks; `tests` are run before the usual quick ones."""

    name: str
    file: str
    old: str
    new: str
    promises: tuple[int, ...]
    tests: tuple[str, ...] = ()

    def applied_to(self, text: str) -> str:
        """Raises `DoesNotApply`."""
        found = text.count(self.old)
        if found != 1:
            raise DoesNotApply(f"{self.name}: its text stands {found} times in {self.file}")
        return text.replace(self.old, self.new)


def _read() -> tuple[Mutant, ...]:
    listed = tomllib.loads(CATALOGUE.read_text(encoding="utf-8"))["mutant"]
    return tuple(
        Mutant(
            name=one["name"],
            file=one["file"],
            old=one["old"],
            new=one["new"],
            promises=tuple(one["promises"]),
            tests=tuple(one.get("tests", ())),
        )
        for one in listed
    )


MUTANTS = _read()
