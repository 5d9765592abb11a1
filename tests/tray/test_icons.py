"""The icons: told apart by shape, at every size, on what they are made for."""

from itertools import combinations

import pytest
from PIL import Image

from dreamsync.tray.icons import SIZES, Mark, Panel, draw
from tests.tray.contact_sheet import GROUNDS, sheet

_NOTICED = 32
"""Levels of grey, of 255, that make a pixel another one for the eye."""


def greys(mark: Mark, size: int, panel: Panel, ground: tuple[int, int, int]) -> bytes:
    """The icon as somebody sees it who sees no colour."""
    picture = Image.new("RGBA", (size, size), (*ground, 255))
    picture.alpha_composite(draw(mark, size, panel))
    return picture.convert("L").tobytes()


@pytest.mark.parametrize("panel", GROUNDS, ids=lambda key: f"{key[0].value} on {key[1]}")
def test_any_two_states_differ_in_a_twelfth_of_their_pixels_in_grey(
    panel: tuple[Panel, str],
) -> None:
    small = {mark: greys(mark, 16, panel[0], GROUNDS[panel]) for mark in Mark}

    shares = {
        (one.value, other.value): sum(
            abs(a - b) > _NOTICED for a, b in zip(small[one], small[other], strict=True)
        )
        / 256
        for one, other in combinations(Mark, 2)
    }

    assert {pair: share for pair, share in shares.items() if share < 0.08} == {}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("mark", Mark)
def test_every_icon_fills_its_square_and_nothing_of_it_is_cut_off(mark: Mark, size: int) -> None:
    icon = draw(mark, size, Panel.DARK)
    box = icon.getchannel("A").getbbox()

    assert icon.size == (size, size)
    assert box is not None
    assert box[2] - box[0] >= 0.8 * size
    assert box[3] - box[1] >= 0.8 * size


def test_the_contact_sheet_shows_all() -> None:
    whole = sheet(tuple(Panel))

    assert whole.width / len(Mark) == 92
    assert whole.height / len(GROUNDS) == 164
