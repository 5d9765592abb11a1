"""What a person does to one small file in A, and the wait until it is right in B."""

import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_LONGEST_S = 30.0
_LOOK_S = 0.004


@dataclass(frozen=True, slots=True)
class Sides:
    """Two folders that are kept the same, and a place outside both on the same file system."""

    a: Path
    b: Path
    outside: Path


def create(sides: Sides, number: int) -> float:
    """As all here: seconds until B is right."""
    (sides.a / f"file {number}.txt").write_text(f"new {number}")
    return until(has(sides.b / f"file {number}.txt", f"new {number}"))


def edit(sides: Sides, number: int) -> float:
    with (sides.a / f"file {number}.txt").open("a") as file:
        file.write(", and more")
    return until(has(sides.b / f"file {number}.txt", f"new {number}, and more"))


def safe_save(sides: Sides, number: int) -> float:
    """As editors do: the old file put aside, a new one under the name, then the old one removed."""
    target = sides.a / f"file {number}.txt"
    aside, fresh = target.with_suffix(".txt~"), target.with_suffix(".txt.new")
    fresh.write_text(f"saved {number}")
    os.link(target, aside)
    fresh.replace(target)
    aside.unlink()
    return until(has(sides.b / f"file {number}.txt", f"saved {number}"))


def move_out(sides: Sides, number: int) -> float:
    (sides.a / f"file {number}.txt").rename(sides.outside / f"file {number}.txt")
    return until(lambda: not (sides.b / f"file {number}.txt").exists())


def move_in(sides: Sides, number: int) -> float:
    (sides.outside / f"file {number}.txt").rename(sides.a / f"file {number}.txt")
    return until(has(sides.b / f"file {number}.txt", f"saved {number}"))


KINDS: Mapping[str, Callable[[Sides, int], float]] = {
    "create": create,
    "edit": edit,
    "safe-save": safe_save,
    "move out": move_out,
    "move in again": move_in,
}


_IN_TURN = (("create",), ("edit",), ("safe-save",), ("move out", "move in again"))
"""One kind after the other, as each file is left alone for a while; but what is moved out comes in
again before the next."""


def each_kind(
    sides: Sides, numbers: Sequence[int], *, pause: float = 0.0
) -> Mapping[str, list[float]]:
    """Seconds of each kind of change to each of these files, `pause` seconds between them."""
    seconds: dict[str, list[float]] = {kind: [] for kind in KINDS}
    for kinds in _IN_TURN:
        for number in numbers:
            for kind in kinds:
                seconds[kind].append(KINDS[kind](sides, number))
                time.sleep(pause)
    return seconds


def has(path: Path, text: str) -> Callable[[], bool]:
    def right() -> bool:
        try:
            return path.read_text() == text
        except FileNotFoundError:
            return False

    return right


def until(right: Callable[[], bool]) -> float:
    """Seconds until it is so."""
    start = time.monotonic()
    while not right():
        assert time.monotonic() - start < _LONGEST_S, "it never arrived"
        time.sleep(_LOOK_S)
    return time.monotonic() - start
