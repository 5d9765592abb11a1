"""Name mapping: whatever a name is, it comes back; siblings never collide."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dreamsync.core.mapping import (
    NameRules,
    Siblings,
    disk_name,
    disk_name_for,
    wire_name,
    wire_names,
)
from dreamsync.core.names import wire_name_problem

WINDOWS = NameRules(folds_case=True, windows_names=True)
MAC = NameRules(folds_case=True, folds_normalization=True)
LINUX = NameRules()

COMPOSED = "caf\u00e9.txt"
DECOMPOSED = "cafe\u0301.txt"
HANGUL = "한글.txt"
JAMO = unicodedata.normalize("NFD", HANGUL)


@pytest.mark.fault("reserved name")
@pytest.mark.parametrize(
    ("name", "on_disk"),
    [
        ("13:01:32.mov", "13‛u003A01‛u003A32.mov"),
        ('a<b>c"d\\e|f?g*', "a‛u003Cb‛u003Ec‛u0022d‛u005Ce‛u007Cf‛u003Fg‛u002A"),
        ("etc.", "etc‛u002E"),
        ("space ", "space‛u0020"),
        ("CON", "‛u0043ON"),
        ("nul.txt", "‛u006Eul.txt"),
        ("COM¹.log", "‛u0043OM¹.log"),
        ("conin$", "‛u0063onin$"),
        ("console.txt", "console.txt"),
        ("메모.txt", "메모.txt"),
    ],
)
def test_what_windows_refuses_is_quoted_and_read_back(name: str, on_disk: str) -> None:
    assert disk_name(name, WINDOWS) == on_disk
    assert wire_name(on_disk) == name
    assert disk_name(name, LINUX) == name


@pytest.mark.fault("hangul")
def test_decomposed_names_travel_composed() -> None:
    assert wire_name(JAMO) == HANGUL
    assert wire_name(DECOMPOSED) == COMPOSED


@pytest.mark.fault("hangul")
def test_the_composed_twin_keeps_the_plain_name() -> None:
    assert wire_names([DECOMPOSED, COMPOSED]) == {
        COMPOSED: COMPOSED,
        DECOMPOSED: "café‛NFD.txt",
    }
    assert wire_names([HANGUL, JAMO]) == {HANGUL: HANGUL, JAMO: "한글‛NFD.txt"}


def test_a_twin_decomposed_in_part_has_these_characters_quoted() -> None:
    partly = f"e\u0301{COMPOSED}"
    wholly = unicodedata.normalize("NFD", partly)
    composed = unicodedata.normalize("NFC", partly)

    assert wire_names([composed, partly, wholly]) == {
        composed: composed,
        partly: "e‛u0301café.txt",
        wholly: "écafé‛NFD.txt",
    }


@pytest.mark.fault("hangul")
@pytest.mark.parametrize("rules", [LINUX, MAC, WINDOWS])
@pytest.mark.parametrize("twin", ["cafe‛u0301.txt", "café‛NFD.txt", "한글‛NFD.txt"])
def test_a_decomposed_name_is_never_made_where_nobody_wrote_it(twin: str, rules: NameRules) -> None:
    """People see it as broken jamo, and which of two equal-looking files is which, they cannot."""
    assert disk_name(twin, rules) == twin
    assert disk_name_for(twin, [COMPOSED, HANGUL], rules) == twin


def test_a_file_that_really_has_the_name_of_a_decomposed_twin_keeps_it() -> None:
    names = wire_names([HANGUL, JAMO, "한글‛NFD.txt"])

    assert names["한글‛NFD.txt"] == "한글‛NFD.txt"
    assert len(set(names.values())) == 3


@pytest.mark.promise(19)
def test_twins_by_case_get_the_differing_letter_quoted() -> None:
    assert disk_name_for("Readme", ["README"], WINDOWS) == "R‛u0065adme"
    assert wire_name("R‛u0065adme") == "Readme"
    assert disk_name_for("Readme", ["README"], LINUX) == "Readme"


@pytest.mark.promise(19)
def test_a_twin_has_a_name_also_where_its_quoted_letter_folds_together_with_another() -> None:
    beside = ["c", "‛U0043"]
    assert disk_name_for("C", beside, WINDOWS) == "‛U000043"
    assert wire_names([*beside, "‛U000043"]) == {"c": "c", "‛U0043": "‛U0043", "‛U000043": "C"}


def test_siblings_are_asked_and_added_to_without_being_gone_through() -> None:
    siblings = Siblings(["README"], WINDOWS)
    siblings.add("한글.txt")
    assert (len(siblings), "readme" in siblings, "other" in siblings) == (2, True, False)
    assert disk_name_for("Readme", siblings, WINDOWS) == "R‛u0065adme"
    assert list(siblings) == ["README", "한글.txt"]


def test_control_characters_are_quoted_on_the_wire_and_restored() -> None:
    assert wire_name("Icon\r") == "Icon‛u000D"
    assert disk_name("Icon‛u000D", LINUX) == "Icon\r"
    assert disk_name("Icon‛u000D", WINDOWS) == "Icon‛u000D"


def test_a_literal_quotation_keeps_its_place_beside_what_it_quotes() -> None:
    names = wire_names(["A", "‛u0041"])
    assert names == {"A": "A", "‛u0041": "‛u0041"}
    assert disk_name_for("‛u0041", ["A"], LINUX) == "‛u0041"
    assert disk_name("‛u0041", LINUX) == "‛u201Bu0041"


@pytest.mark.fault("unnameable")
def test_what_the_wire_cannot_carry_has_no_name() -> None:
    assert wire_name("x" * 256) is None
    assert wire_name("\udcff") is None
    assert wire_name(".DreamSync") is None
    assert disk_name("\u00e9" * 127, NameRules(windows_names=True)) == "\u00e9" * 127
    assert disk_name(":" * 250, WINDOWS) is None


RULES = st.builds(NameRules, st.booleans(), st.booleans(), st.booleans())
LETTERS = st.one_of(
    st.sampled_from([*"‛uU0043ACONaeé:. \u0301\u1112\u1161\u11ab\r*ßſ", "‛u003A", "‛u0301"]),
    st.characters(exclude_categories=["Cs"], exclude_characters="/\0"),
)
DISK_NAMES = (
    st.lists(LETTERS, min_size=1, max_size=12)
    .map("".join)
    .filter(lambda name: name not in (".", ".."))
)
WIRE_NAMES = DISK_NAMES.map(lambda name: unicodedata.normalize("NFC", name)).filter(
    lambda name: wire_name_problem(name) is None
)
WINDOWS_ILLEGAL = set('<>:"\\|?*') | {chr(code) for code in range(32)}


@pytest.mark.fault("reserved name")
@given(WIRE_NAMES, RULES)
def test_every_wire_name_has_a_legal_disk_name_and_comes_back(name: str, rules: NameRules) -> None:
    on_disk = disk_name(name, rules)
    assert on_disk is not None
    assert wire_name(on_disk) == name
    if rules.windows_names:
        assert not WINDOWS_ILLEGAL & set(on_disk)
        assert on_disk[-1] not in ". "


@pytest.mark.promise(19)
@given(st.sets(DISK_NAMES, max_size=6))
def test_no_two_siblings_share_a_wire_name(names: set[str]) -> None:
    mapped = wire_names(names)
    carried = [wire for wire in mapped.values() if wire is not None]
    assert set(mapped) == names
    assert len(set(carried)) == len(carried)
    assert all(wire_name_problem(wire) is None for wire in carried)
    assert wire_names(sorted(names, reverse=True)) == mapped


@pytest.mark.promise(19)
@given(st.lists(WIRE_NAMES, max_size=5, unique=True), RULES)
def test_siblings_from_the_wire_land_apart_and_come_back(
    names: list[str], rules: NameRules
) -> None:
    landed: dict[str, str] = {}
    for name in sorted(names):
        on_disk = disk_name_for(name, landed.values(), rules)
        assert on_disk is not None
        landed[name] = on_disk
    folded = {key.casefold() if rules.folds_case else key for key in landed.values()}
    assert len(folded) == len(names)
    assert set(wire_names(landed.values()).values()) == set(names)
