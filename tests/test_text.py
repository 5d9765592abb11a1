"""Numbers, times and paths as people read and type them."""

import datetime
import os
import pathlib

import pytest

from dreamsync.cli.output import table_lines
from dreamsync.cli.places import in_folder
from dreamsync.control.commands import CommandError
from dreamsync.text import ago, duration_ms, next_time_ms, printable, rfc3339, size, tomorrow_ms


@pytest.mark.parametrize(
    ("number", "told"),
    [
        (0, "0 bytes"),
        (999, "999 bytes"),
        (1000, "1.0 kB"),
        (3_141_592, "3.1 MB"),
        (2 * 10**15, "2000.0 TB"),
    ],
)
def test_sizes(number: int, told: str) -> None:
    assert size(number) == told


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (-5, "just now"),
        (59, "just now"),
        (60, "1 minute ago"),
        (7199, "1 hour ago"),
        (86_400 * 3, "3 days ago"),
    ],
)
def test_how_long_ago(seconds: int, told: str) -> None:
    assert ago(1_000_000_000, 1_000_000_000 + seconds * 1000) == told


def test_moments_are_utc_to_the_millisecond() -> None:
    assert rfc3339(1_790_000_000_007) == "2026-09-21T14:13:20.007Z"


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("30m", 1800), ("1h30m", 5400), ("2d", 172_800), ("15", 900), ("45s", 45)],
)
def test_lengths_of_time(text: str, seconds: int) -> None:
    assert duration_ms(text) == seconds * 1000


def local_ms(day: int, hour: int, minute: int = 0) -> int:
    return round(datetime.datetime(2026, 11, day, hour, minute).timestamp() * 1000)


@pytest.mark.parametrize(
    ("now", "text", "then"),
    [
        (local_ms(25, 9), "18:30", local_ms(25, 18, 30)),
        (local_ms(25, 19), "18:30", local_ms(26, 18, 30)),
        (local_ms(25, 18, 30), "18:30", local_ms(26, 18, 30)),
        (local_ms(25, 9), "6:05", local_ms(26, 6, 5)),
        (local_ms(25, 9), "24:00", None),
        (local_ms(25, 9), "half past six", None),
    ],
)
def test_the_next_time_of_day(now: int, text: str, then: int | None) -> None:
    assert next_time_ms(text, now) == then


def test_tomorrow_begins_in_the_morning() -> None:
    assert tomorrow_ms(local_ms(25, 23, 59)) == local_ms(26, 8)
    assert tomorrow_ms(local_ms(25, 1)) == local_ms(26, 8)


def test_decomposed_hangul_is_shown_composed() -> None:
    assert printable("\u1112\u1161\u11ab") == "한"


def test_columns_line_up_under_hangul() -> None:
    assert table_lines([["사진", "x"], ["abcde", "y"]]) == ["사진   x", "abcde  y"]


@pytest.fixture
def folder(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> pathlib.Path:
    (tmp_path / "sync" / "sub").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path / "sync"


def test_a_path_is_of_the_folder_wherever_one_stands(folder: pathlib.Path) -> None:
    assert in_folder("sub/a.txt", str(folder)) == "sub/a.txt"
    assert in_folder(str(folder / "sub" / "a.txt"), str(folder)) == "sub/a.txt"
    assert in_folder("./\u1112\u1161\u11ab/", str(folder)) == "한"
    os.chdir(folder / "sub")
    assert in_folder("a.txt", str(folder)) == "sub/a.txt"
    assert in_folder("../b.txt", str(folder)) == "b.txt"
    assert in_folder("..", str(folder)) == ""


@pytest.mark.parametrize("typed", ["../x", "/etc/passwd", "sub/../../x"])
def test_a_path_outside_is_refused(folder: pathlib.Path, typed: str) -> None:
    with pytest.raises(CommandError, match="not in the synced folder"):
        in_folder(typed, str(folder))
