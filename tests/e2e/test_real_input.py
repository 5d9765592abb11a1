"""Real input: a large real tree crosses, then two people work on both sides at once."""

import time
from collections.abc import Iterator

import pytest

from tests.support.census import converge, sha256_of, tree_on_disk
from tests.support.e2e import Workbench
from tests.support.office import Office, copy_library, open_office, work_in_parts
from tests.support.server_view import FeedWatch

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.timeout(900)]

_OPERATIONS, _FEWER = 300, 150


@pytest.fixture
def office(workbench: Workbench) -> Iterator[Office]:
    with open_office(workbench) as office:
        yield office


@pytest.mark.promise(1, 3, 8, 9)
def test_the_standard_library_and_then_hundreds_of_mixed_operations(
    office: Office, seed: int, library: bool, full: bool
) -> None:
    if library:
        _the_library_crosses(office)
    before = tree_on_disk(office.a.folder)
    chaos = office.chaos(seed)

    with FeedWatch(office.view) as watch:
        work_in_parts(office, chaos, _OPERATIONS if full else _FEWER)
        began = time.monotonic()
        tree = office.converge()

    print("operations:", dict(sorted(chaos.done.items())))
    print(f"converged {time.monotonic() - began:.1f} s after the last")
    assert {path: item for path, item in tree.items() if path.startswith("library")} == before
    print(office.take_census(chaos, watch))


def _the_library_crosses(office: Office) -> None:
    here, there = office.a.folder / "library", office.b.folder / "library"
    began = time.monotonic()
    copy_library(here)

    tree = converge(office.devices, office.view, seconds=300)

    files = [path for path, item in tree.items() if item.digest is not None]
    print(f"{len(files)} files crossed in {time.monotonic() - began:.1f} s")
    assert tree_on_disk(there) == tree_on_disk(here)
    for path in files:
        one, other = office.a.folder / path, office.b.folder / path
        assert sha256_of(other) == sha256_of(one), path
        assert other.stat().st_mtime_ns == one.stat().st_mtime_ns, path
