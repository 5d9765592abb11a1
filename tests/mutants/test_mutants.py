"""The list of mutants keeps up with the code; running them is a command of its own."""

import pytest

from tests.mutants.catalogue import MUTANTS, ROOT, DoesNotApply, Mutant
from tests.mutants.results import read_results
from tests.promises.invariants import PROMISES


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_patch_applies_exactly_once_and_makes_a_program(mutant: Mutant) -> None:
    broken = mutant.applied_to((ROOT / mutant.file).read_text(encoding="utf-8"))

    compile(broken, mutant.file, "exec")
    assert mutant.old != mutant.new


@pytest.mark.parametrize("text", ["", "a rule, and the same: a rule"])
def test_a_patch_that_does_not_apply_says_so(text: str) -> None:
    mutant = Mutant("any", "any.py", "a rule", "none", (1,))

    with pytest.raises(DoesNotApply):
        mutant.applied_to(text)


def test_every_mutant_was_caught_when_they_were_last_run() -> None:
    assert {mutant.name for mutant in MUTANTS} - set(read_results()) == set()


def test_mutants_break_promises_that_there_are_and_run_tests_that_there_are() -> None:
    numbers = {promise.number for promise in PROMISES}
    files = {test.partition("::")[0] for mutant in MUTANTS for test in mutant.tests}

    assert {number for mutant in MUTANTS for number in mutant.promises} <= numbers
    assert [name for name in files if not (ROOT / name).exists()] == []


def test_every_mutant_has_a_name_of_its_own() -> None:
    names = [mutant.name for mutant in MUTANTS]

    assert len(set(names)) == len(names)
