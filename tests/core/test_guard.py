"""When deletions are held back for the person's answer."""

import pytest

from dreamsync.core.guard import must_hold


@pytest.mark.promise(12)
@pytest.mark.parametrize(
    ("deleting", "recently", "files", "held"),
    [
        (0, 1000, 1000, False),
        (25, 0, 25, False),
        (26, 0, 26, True),
        (200, 0, 1000, False),
        (201, 0, 1000, True),
        (1, 200, 1000, True),
        (10, 15, 30, False),
        (11, 15, 30, True),
    ],
)
def test_more_than_twenty_five_and_a_fifth_are_held(
    deleting: int, recently: int, files: int, held: bool
) -> None:
    assert must_hold(deleting=deleting, recently_deleted=recently, files=files) is held
