"""Messages are English to programs, remember what they were made of, and survive every way."""

import copy

import pytest

from dreamsync.control.codec import decode, encode
from dreamsync.core.nodes import NodeKey
from dreamsync.core.status import Problem, Reason
from dreamsync.journal.journal import open_journal
from dreamsync.journal.told import NodeProblem
from dreamsync.message import N_, Message, from_parts, message_of, packed, to_parts, unpacked

INNER = N_("{path} is in use", path="a.txt")
NESTED = N_("{path}: {message}", path="한글.txt", message=INNER)


def parts_of(text: str) -> object:
    assert isinstance(text, Message)
    return to_parts(text)


def test_to_a_program_a_message_is_its_english_text() -> None:
    assert NESTED == "한글.txt: a.txt is in use"


def test_numbers_are_told_as_they_are() -> None:
    assert N_("{n} files", n=3) == "3 files"


def test_an_error_keeps_the_message_it_was_raised_with() -> None:
    assert parts_of(message_of(RuntimeError(INNER))) == parts_of(INNER)


def test_an_error_that_says_more_than_its_message_is_told_whole() -> None:
    assert message_of(KeyError(INNER)) == "'a.txt is in use'"


def test_a_table_may_hold_a_template_whose_values_come_later() -> None:
    template = N_("{path} is in use")

    assert parts_of(template.with_values(path="a.txt")) == parts_of(INNER)


def test_a_template_from_outside_reaches_nothing() -> None:
    assert N_("{path.__class__} {0} {path!r} {missing}", path="x") == (
        "{path.__class__} {0} {path!r} {missing}"
    )


@pytest.mark.parametrize("text", ["plain", "\x1eplain", '\x1e{"template": "x", "values": {}}', ""])
def test_a_plain_text_is_stored_and_comes_back_plain(text: str) -> None:
    back = unpacked(packed(text))

    assert back == text
    assert not isinstance(back, Message)


@pytest.mark.parametrize("message", [INNER, NESTED, N_("no values")])
def test_a_message_comes_back_from_where_it_was_stored(message: Message) -> None:
    assert parts_of(unpacked(packed(message))) == parts_of(message)
    assert parts_of(copy.deepcopy(message)) == parts_of(message)


@pytest.mark.parametrize(
    "parts", [3, None, {}, {"template": 1, "values": {}}, {"template": "x", "values": {"a": 1}}]
)
def test_what_is_no_message_is_refused(parts: object) -> None:
    with pytest.raises(ValueError, match="neither a text nor a message"):
        from_parts(parts)


def test_a_message_travels_over_the_control_channel() -> None:
    sent = Problem("a.txt", Reason.NOT_PERMITTED, NESTED, "plain", 5)

    came = decode(Problem, encode(sent), strict=False)

    assert came == sent
    assert parts_of(came.message) == parts_of(NESTED)
    assert not isinstance(came.hint, Message)


def test_a_problem_keeps_its_message_in_the_journal(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    path = str(tmp_path_factory.mktemp("journal") / "journal.sqlite")
    journal, _ = open_journal(path, now_ms=0)
    problem = Problem("a.txt", Reason.NOT_PERMITTED, NESTED, N_("It is tried again."), 5)
    with journal.transaction():
        journal.problems.put(NodeProblem(NodeKey(7), problem, attempts=1, next_ms=9))

    kept = journal.problems.of(NodeKey(7))
    journal.close()

    assert kept is not None
    assert parts_of(kept.problem.message) == parts_of(NESTED)
    assert parts_of(kept.problem.hint) == parts_of(problem.hint)
