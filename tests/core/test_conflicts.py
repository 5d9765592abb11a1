"""How conflict copies are called."""

import pytest

from dreamsync.core.conflicts import (
    conflict_name,
    is_conflict_name,
    original_name,
)
from dreamsync.core.names import MOST_NAME_BYTES, split_extension, wire_name_problem

MARCH_NS = 1_709_296_496 * 1_000_000_000  # 2024-03-01 12:34:56 UTC


def named(name: str, device: str = "laptop", mtime_ns: int = MARCH_NS) -> str:
    return conflict_name(name, device=device, mtime_ns=mtime_ns)


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("a.txt", "a (conflict laptop 2024-03-01 123456).txt"),
        ("a", "a (conflict laptop 2024-03-01 123456)"),
        (".profile", ".profile (conflict laptop 2024-03-01 123456)"),
        ("a.tar.gz", "a.tar (conflict laptop 2024-03-01 123456).gz"),
        ("메모.hwp", "메모 (conflict laptop 2024-03-01 123456).hwp"),
        ("v1. final draft", "v1. final draft (conflict laptop 2024-03-01 123456)"),
    ],
)
def test_the_copy_is_called_after_device_and_moment(name: str, wanted: str) -> None:
    assert named(name) == wanted


@pytest.mark.promise(9)
def test_the_same_bytes_get_the_same_name_again() -> None:
    assert named("a.txt") == named("a.txt")


@pytest.mark.parametrize("device", ["laptop", "Kim's Mac", "집 컴퓨터"])
def test_a_copy_of_a_copy_replaces_the_suffix(device: str) -> None:
    first = named("a.txt", device)

    assert named(first) == "a (conflict laptop 2024-03-01 123456).txt"
    assert is_conflict_name(first)
    assert original_name(first) == "a.txt"


def test_a_taken_name_is_numbered_and_the_number_does_not_stack() -> None:
    taken = {named("a.txt")}
    second = conflict_name(
        "a.txt", device="laptop", mtime_ns=MARCH_NS, taken=lambda name: name in taken
    )

    assert second == "a (conflict laptop 2024-03-01 123456 2).txt"
    assert named(second) == "a (conflict laptop 2024-03-01 123456).txt"


@pytest.mark.parametrize("stem", ["x" * 250, "가" * 83, "é" * 125, "👩‍👩‍👧" * 13])
def test_a_long_stem_is_cut_between_letters_to_fit(stem: str) -> None:
    name = named(f"{stem}.txt", "컴퓨터" * 30)

    assert len(name.encode()) <= MOST_NAME_BYTES
    assert name.endswith(" 2024-03-01 123456).txt")
    assert stem.startswith(name.partition(" (")[0])


@pytest.mark.parametrize(
    "device",
    ["a/b", "a:b", "con\x00", "(x)", "", " . ", "\u202eevil", "\ud800", "e\u0301", "가" * 50],
)
def test_odd_device_names_make_legal_names_that_are_known_again(device: str) -> None:
    name = named("a.txt", device)

    assert wire_name_problem(name) is None
    assert is_conflict_name(name)
    assert original_name(name) == "a.txt"


@pytest.mark.promise(24)
@pytest.mark.fault("clock")
@pytest.mark.parametrize("mtime_ns", [-(2**62), -1, 0, 2**62, 10**30])
def test_any_time_makes_a_name(mtime_ns: int) -> None:
    assert is_conflict_name(named("a.txt", mtime_ns=mtime_ns))


@pytest.mark.parametrize(
    ("name", "wanted"),
    [("a.b", ("a", ".b")), (".a", (".a", "")), ("a.", ("a.", "")), ("..a", ("..a", ""))],
)
def test_what_counts_as_extension(name: str, wanted: tuple[str, str]) -> None:
    assert split_extension(name) == wanted
