"""Whether a side has changed since base."""

from dataclasses import replace

import pytest

from dreamsync.core.differences import (
    Change,
    executable_differs,
    local_content_change,
    remote_content_change,
    sides_differ,
)
from dreamsync.core.nodes import BaseEntry, Content, LocalEntry, RemoteEntry
from tests.support.trees import MemoryTrees, make_trees


def f(trees: MemoryTrees) -> tuple[LocalEntry, RemoteEntry, BaseEntry]:
    node = trees.labels["f"]
    return trees.locals[node], trees.remotes[node], trees.bases[node]


@pytest.mark.parametrize(
    ("local", "change"),
    [
        ("f:1", Change.SAME),
        ("f:1~", Change.SAME),
        ("f:2", Change.CHANGED),
        ("f:?1~", Change.UNKNOWN),
        ("f:?2", Change.UNKNOWN),
    ],
)
def test_a_local_file_is_read_only_where_its_fingerprint_changed(
    local: str, change: Change
) -> None:
    entry, _, base = f(make_trees("f:1", local))

    assert local_content_change(entry, base) is change


def test_another_version_of_equal_bytes_is_no_change() -> None:
    _, remote, base = f(make_trees("f:1"))

    assert remote_content_change(replace(remote, version=9), base) is Change.SAME


def test_without_digest_and_checksum_the_version_tells() -> None:
    _, remote, base = f(make_trees("f:1"))
    bare = replace(remote, version=9, content=Content(1))

    assert remote_content_change(bare, base) is Change.CHANGED


def test_what_was_read_and_cannot_be_compared_differs_rather_than_being_read_again() -> None:
    local, remote, _ = f(make_trees("f:1"))

    assert sides_differ(local, replace(remote, content=Content(1))) is Change.CHANGED


@pytest.mark.parametrize(
    ("one", "other", "differs"),
    [(True, False, True), (True, True, False), (None, True, False), (False, None, False)],
)
def test_an_unknown_bit_never_differs(one: bool | None, other: bool | None, differs: bool) -> None:
    assert executable_differs(one, other) is differs
