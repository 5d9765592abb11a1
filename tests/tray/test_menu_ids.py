"""The numbers of menu lines never come to mean something else."""

from dreamsync.tray.actions import Do, ShowItem
from dreamsync.tray.linux.menu_ids import Line, MenuIds, actions_of
from dreamsync.tray.menu import SEPARATOR, Item

SYNC = Item("Sync now", Do.SYNC)
HELP = Item("Help", Do.HELP)


def number_of(root: Line, action: object) -> int:
    (number,) = (number for number, one in actions_of(root).items() if one == action)
    return number


def test_a_line_keeps_its_number_wherever_it_moves() -> None:
    ids = MenuIds()
    before = ids.number((Item("Up to date"), SYNC, SEPARATOR, HELP))

    after = ids.number((Item("Up to date"), HELP, SEPARATOR, Item("More", items=(SYNC,))))

    for action in (Do.SYNC, Do.HELP):
        assert number_of(before, action) == number_of(after, action)


def test_a_number_that_was_given_up_is_never_given_again() -> None:
    ids = MenuIds()
    gone = number_of(ids.number((SYNC,)), Do.SYNC)

    later = [ids.number((HELP,)), ids.number((SYNC, HELP)), ids.number((Item("a", ShowItem("a")),))]

    assert [root for root in later if gone in actions_of(root)] == []


def test_the_same_twice_has_two_numbers() -> None:
    root = MenuIds().number((Item("10:00", ShowItem("a")), Item("10:01", ShowItem("a"))))

    assert len({line.id for line in root.everything()}) == 3


def test_only_words_changed_is_the_same_shape() -> None:
    ids = MenuIds()
    one = ids.number((Item("5 % done"), SYNC))
    other = ids.number((Item("6 % done"), SYNC))
    third = ids.number((Item("6 % done"), Item("2 left"), SYNC))

    assert one != other
    assert one.shape() == other.shape() != third.shape()
