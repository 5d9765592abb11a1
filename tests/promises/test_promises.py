"""The document of the promises is what tests and mutants make of it; nothing is missing in it."""

import pytest

from tests.promises.document import DOCUMENT, document
from tests.promises.invariants import PROMISES
from tests.promises.markers import marked_by_value
from tests.promises.security import NOT_YET, REQUIREMENTS


def test_the_document_is_what_the_tests_say() -> None:
    written = DOCUMENT.read_text(encoding="utf-8")

    assert written == document(), "make it anew: python -m tests.promises --write"


@pytest.mark.parametrize("number", [promise.number for promise in PROMISES])
def test_every_promise_has_tests_that_hold_it(number: int) -> None:
    assert len(marked_by_value("promise").get(number, ())) >= 2


def test_no_test_names_a_promise_that_there_is_not() -> None:
    assert set(marked_by_value("promise")) == {promise.number for promise in PROMISES}


def test_no_test_names_a_demand_on_security_that_there_is_not() -> None:
    named = set(marked_by_value("security"))

    assert named <= set(REQUIREMENTS) - set(NOT_YET)
