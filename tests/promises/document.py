"""docs/promises.md, made of the promises, the tests' markers and what the mutants have shown."""

from collections.abc import Iterable

from tests.mutants.catalogue import MUTANTS
from tests.mutants.results import read_results
from tests.promises.faults import FAULTS
from tests.promises.invariants import PROMISES
from tests.promises.markers import ROOT, Marked, marked_by_value
from tests.promises.security import NOT_YET, REQUIREMENTS

DOCUMENT = ROOT / "docs" / "promises.md"

_BEGINNING = """\
# What dreamsync promises

<!-- Made by `python -m tests.promises --write`; change what it is made of, not this page. -->

Each promise has tests that fail without it. To see that they would, the code is broken on purpose
in {mutants} ways (`./task mutants`); each of these *mutants* is caught by tests, mostly by those
that name the promise. The words are those of [the glossary](architecture.md#words).

## The promises

"""


def document() -> str:
    parts = [_BEGINNING.format(mutants=len(MUTANTS)), _promises(), _tests_of_promises()]
    parts += [_mutants(), _faults(), _security()]
    return "\n".join(part for part in parts if part).rstrip("\n") + "\n"


def _promises() -> str:
    return "".join(f"{one.number}. **{one.title}.** {one.words}\n" for one in PROMISES)


def _tests_of_promises() -> str:
    tests = marked_by_value("promise")
    rows = [
        (f"{one.number}. {one.title}", _shown(tests.get(one.number, ())), _killed_for(one.number))
        for one in PROMISES
    ]
    return "## The tests that hold them\n\n" + _table(("promise", "tests", "mutants killed"), rows)


def _killed_for(number: int) -> str:
    results = read_results()
    killed = [m.name for m in MUTANTS if number in m.promises and results.get(m.name)]
    return _lines(killed)


def _mutants() -> str:
    results = read_results()
    rows = [
        (
            mutant.name,
            f"`{mutant.file.removeprefix('dreamsync/')}`",
            ", ".join(map(str, mutant.promises)),
            _by_whom(results[mutant.name].killed_by) if mutant.name in results else "not run yet",
        )
        for mutant in MUTANTS
    ]
    return "## The mutants\n\n" + _table(("what is broken", "where", "promises", "caught by"), rows)


def _by_whom(test: str) -> str:
    where, _, name = test.partition("::")
    words = name.rpartition("::")[2].partition("[")[0].removeprefix("test_").replace("_", " ")
    return f"{words} (`{where.removeprefix('tests/')}`)"


def _faults() -> str:
    """Each with its tests, or the reason for having none."""
    tests = marked_by_value("fault")
    rows = [
        (one.fault, one.expect, _shown(tests.get(one.key, ())) or one.not_run) for one in FAULTS
    ]
    return "## The faults it bears\n\n" + _table(("fault", "what to expect", "tests"), rows)


def _security() -> str:
    tests = marked_by_value("security")
    if not tests:
        return ""
    rows = [
        (f"{number}. {words}", _shown(tests.get(number, ())) or NOT_YET.get(number, ""))
        for number, words in REQUIREMENTS.items()
    ]
    return "## Security\n\n" + _table(("requirement", "tests"), rows)


def _shown(tests: Iterable[Marked]) -> str:
    return _lines([f"{one.words} (`{one.where}`)" for one in tests])


def _lines(items: Iterable[str]) -> str:
    return "<br>".join(items)


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)
