"""Within a transaction rows are remembered: what is told is what the journal would tell."""

import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dreamsync.core.nodes import (
    ROOT,
    BaseEntry,
    Content,
    Fingerprint,
    Kind,
    LocalEntry,
    NodeKey,
    RemoteEntry,
    Side,
    Tombstone,
)
from dreamsync.journal.journal import Journal
from dreamsync.journal.trees import JournalTrees

_IDS = [f"id-{number}" for number in range(6)]
_NAMES = ["a", "b", "c"]
_NODES = [NodeKey(number) for number in range(2, 10)]


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    journal = Journal(str(tmp_path / "journal.db"))
    yield journal
    journal.close()


def _fingerprint(chance: random.Random) -> Fingerprint:
    """Also what the journal cannot hold as it is."""
    inode = chance.choice([7, 1 << 63, (1 << 64) - 1])
    return Fingerprint(1, inode, chance.randrange(3), chance.choice([5, 1 << 70]), 1)


def _content(chance: random.Random, kind: Kind) -> Content | None:
    if chance.random() < 0.2:
        kind = chance.choice(list(Kind))
    return None if kind is Kind.FOLDER else Content(chance.randrange(3), "d", "c")


def _put_local(trees: JournalTrees, chance: random.Random, node: NodeKey) -> None:
    """As the engine does: whoever is still known at that place gives it up first."""
    kind, name = chance.choice(list(Kind)), chance.choice(_NAMES)
    holder = trees.child(Side.LOCAL, ROOT, name)
    if holder not in {None, node}:
        trees.drop_local(NodeKey(holder or 0))
    trees.put_local(node, _local(chance, name, kind))


def _local(chance: random.Random, name: str, kind: Kind) -> LocalEntry:
    return LocalEntry(ROOT, name, kind, name, _fingerprint(chance), _content(chance, kind), True)


def _remote(chance: random.Random, node: NodeKey) -> RemoteEntry:
    kind = chance.choice(list(Kind))
    return RemoteEntry(ROOT, f"name {node}", kind, chance.choice(_IDS), 3, _content(chance, kind))


def _base(chance: random.Random, node: NodeKey) -> BaseEntry:
    kind = chance.choice(list(Kind))
    return BaseEntry(
        ROOT, f"name {node}", kind, 3, _fingerprint(chance), _content(chance, kind), False
    )


def _changes(trees: JournalTrees, chance: random.Random) -> list[Callable[[NodeKey], object]]:
    return [
        lambda node: _put_local(trees, chance, node),
        lambda node: _put_local(trees, chance, node),
        lambda _: trees.read_ahead(chance.sample(_NODES, 6)),
        lambda _: trees.read_ahead_ids(chance.sample(_IDS, 5)),
        lambda node: (trees.local(node), trees.remote(node)),
        lambda node: trees.put_remote(node, _remote(chance, node)),
        lambda node: trees.put_base(node, _base(chance, node)),
        lambda node: trees.identify(node, chance.choice(_IDS)),
        trees.drop_local_with_all_below,
        lambda node: trees.drop_remote(node, chance.choice([None, Tombstone("gone", 4)])),
        trees.drop_base,
        trees.forget,
        lambda node: trees.rekey_local(node, trees.new_node()),
        trees.mark_dirty,
        lambda node: trees.mark_clean([node]),
        lambda node: trees.drop_tombstones(),
    ]


def _told(trees: JournalTrees) -> dict[str, object]:
    nodes = [*_NODES, *map(NodeKey, range(10, 50))]
    return {
        "trees": [
            (trees.local(n), trees.remote(n), trees.base(n), trees.tombstone(n)) for n in nodes
        ],
        "ids": ([trees.node_of(one) for one in _IDS], [trees.remote_id(n) for n in nodes]),
        "places": [trees.child(Side.LOCAL, ROOT, name) for name in _NAMES],
        "inodes": [sorted(node for node, _ in trees.local_by_inode(i)) for i in (7, -1, 9)],
        "vanished": [sorted(node for node, _ in trees.vanished_by_inode(i)) for i in (7, -1)],
        "counters": (trees.local_files(), trees.base_files()),
        "dirty": trees.dirty(after=0, limit=1000),
    }


@pytest.mark.parametrize("seed", range(25))
def test_whatever_is_written_and_read_the_memory_says_what_the_rows_say(
    seed: int,
) -> None:
    journal = Journal(":memory:")
    chance, trees = random.Random(seed), journal.trees
    for _ in range(4):
        with journal.transaction():
            for _ in _NODES:
                trees.new_node()
            for _ in range(30):
                chance.choice(_changes(trees, chance))(chance.choice(_NODES))
                if chance.random() < 0.15:
                    _told(trees)
            within = _told(trees)
        assert within == _told(trees), f"seed {seed}"
    journal.close()


def test_what_was_undone_is_forgotten(journal: Journal) -> None:
    chance, node = random.Random(1), NodeKey(2)

    def half_a_step() -> None:
        with journal.transaction():
            journal.trees.put_base(node, _base(chance, node))
            journal.trees.mark_dirty(node)
            raise RuntimeError("half way")

    with pytest.raises(RuntimeError, match="half way"):
        half_a_step()

    with journal.transaction():
        assert journal.trees.base(node) is None
        journal.trees.mark_dirty(node)
    assert journal.trees.is_dirty(node)


def test_a_number_is_given_to_one_node_only(journal: Journal) -> None:
    with journal.transaction():
        first = [journal.trees.new_node(), journal.trees.new_node()]
    with journal.transaction():
        second = [journal.trees.new_node()]
    assert len({*first, *second}) == 3
    with pytest.raises(RuntimeError):
        journal.trees.new_node()


def test_another_process_reading_the_journal_sees_each_transaction(
    journal: Journal, tmp_path: Path
) -> None:
    reader, node = Journal(str(tmp_path / "journal.db"), read_only=True), NodeKey(2)
    assert reader.trees.base(node) is None

    with journal.transaction():
        journal.trees.put_base(node, _base(random.Random(1), node))

    assert reader.trees.base(node) is not None
    reader.close()
