"""What every `MetadataStore` must do. Subclass it and say how a store is made."""

import threading
from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import replace

import pytest

from dreamsync.core.nodes import Kind
from dreamsync.server.metadata.records import (
    ROOT_ID,
    Acknowledgement,
    BlobRange,
    Block,
    Change,
    Commit,
    Content,
    Head,
    Node,
    Revision,
    StoredAnswer,
    Upload,
)
from dreamsync.server.metadata.store import (
    Changes,
    MetadataStore,
    SpaceMissing,
    TrashPosition,
)

SPACE = "space-1"


class MetadataStoreConformance(ABC):
    @abstractmethod
    def open_store(self) -> MetadataStore:
        """The store under test, empty."""

    @pytest.fixture
    def store(self) -> MetadataStore:
        made = self.open_store()
        _make_space(made, SPACE)
        return made

    def test_an_unknown_space_is_missing(self, store: MetadataStore) -> None:
        with pytest.raises(SpaceMissing), store.read("nothing"):
            pass
        with pytest.raises(SpaceMissing), store.write("nothing"):
            pass

    def test_members_see_their_spaces_the_earliest_first(self, store: MetadataStore) -> None:
        _make_space(store, "space-2")
        store.add_member("space-2", "ann", joined_ms=2)
        store.add_member(SPACE, "ann", joined_ms=1)

        assert _id(store.space_of_member("ann", None)) == SPACE
        assert _id(store.space_of_member("ann", "space-2")) == "space-2"
        assert store.space_of_member("bob", None) is None
        assert store.space_of_member("bob", SPACE) is None
        assert store.space_ids() == [SPACE, "space-2"]

    def test_a_commit_is_stored_whole(self, store: MetadataStore) -> None:
        node = _node("n", content_id="c")
        content = _content("c", [BlobRange("o", 7, 3)])
        answer = StoredAnswer("ann", "key", "hash", 201, "{}", 5)
        commit(store, [node], contents=[content], answers=[answer])

        with store.read(SPACE) as reader:
            assert reader.head.sequence == 1
            assert reader.node("n") == node
            assert reader.nodes(["n", "x"]) == {"n": node}
            assert reader.child(ROOT_ID, node.name) == node
            assert reader.content("c") == content
            assert reader.answer("ann", "key") == answer
            assert reader.answer("bob", "key") is None
            assert reader.revision("n", 1) == Revision(node, Change.CREATED, "commit-1")
            assert reader.commit("commit-1") == reader.commit_at(1)

    def test_children_are_found_by_their_positions(self, store: MetadataStore) -> None:
        top, other = _node("top", name="same"), _node("other")
        below = _node("below", parent_id="other", name="same")
        dead = _node("dead")
        commit(store, [top, other, below, dead])
        commit(store, [_dead(replace(dead, version=2))])

        with store.read(SPACE) as reader:
            asked = [(ROOT_ID, "same"), ("other", "same"), ("other", "x"), (ROOT_ID, dead.name)]
            assert set(_ids(reader.children(asked))) == {"top", "below"}
            assert reader.children([]) == []

    def test_a_writer_that_fails_stores_nothing(self, store: MetadataStore) -> None:
        def fail() -> None:
            with store.write(SPACE) as writer:
                writer.apply(_changes(writer.head, [_node("n")]))
                raise RuntimeError("in the middle")

        with pytest.raises(RuntimeError, match="middle"):
            fail()

        with store.read(SPACE) as reader:
            assert (reader.node("n"), reader.head.sequence) == (None, 0)

    def test_spaces_do_not_see_each_other(self, store: MetadataStore) -> None:
        _make_space(store, "space-2")
        commit(store, [_node("n")])

        with store.read("space-2") as reader:
            assert reader.node("n") is None
            assert reader.changes(after=0, limit=9, live_through=0) == []
            assert reader.commit("commit-1") is None

    def test_changes_come_in_order_with_the_tombstones_asked_for(
        self, store: MetadataStore
    ) -> None:
        commit(store, [_node("a"), _node("b"), _node("c")])
        commit(store, [_dead(_node("a", version=2))])
        commit(store, [_dead(_node("c", version=2))])

        with store.read(SPACE) as reader:
            everything = reader.changes(after=0, limit=9, live_through=0)
            assert _ids(everything) == ["b", "a", "c"]
            assert _ids(reader.changes(after=0, limit=9, live_through=4)) == ["b", "c"]
            assert _ids(reader.changes(after=4, limit=9, live_through=0)) == ["c"]
            assert _ids(reader.changes(after=0, limit=1, live_through=0)) == ["b"]

    def test_a_reader_sees_one_state_while_a_writer_commits(self, store: MetadataStore) -> None:
        with store.read(SPACE) as reader:
            before = reader.head
            commit(store, [_node("n")])

            assert reader.node("n") is None
            assert reader.head == before

    def test_writers_of_a_space_follow_one_another(self, store: MetadataStore) -> None:
        def write(prefix: str) -> None:
            for number in range(10):
                commit(store, [_node(f"{prefix}{number}")])

        threads = [threading.Thread(target=write, args=(prefix,)) for prefix in "abcd"]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        with store.read(SPACE) as reader:
            sequences = [n.sequence for n in reader.changes(after=0, limit=99, live_through=0)]
            assert sequences == list(range(1, 41))

    def test_a_position_is_free_again_after_its_node_died(self, store: MetadataStore) -> None:
        commit(store, [_node("a", name="x")])
        commit(store, [_dead(_node("a", name="x", version=2))])
        commit(store, [_node("b", name="x")])

        with store.read(SPACE) as reader:
            found, dead = reader.child(ROOT_ID, "x"), reader.dead_child(ROOT_ID, "x", 2)
            assert (found and found.id, dead and dead.id) == ("b", "a")
            assert reader.dead_child(ROOT_ID, "x", 1) is None

    def test_two_live_nodes_never_have_one_position(self, store: MetadataStore) -> None:
        commit(store, [_node("a", name="x")])

        with pytest.raises(Exception, match=r"(?i)unique"):
            commit(store, [_node("b", name="x")])

    def test_names_are_compared_exactly(self, store: MetadataStore) -> None:
        commit(store, [_node("a", name="x"), _node("b", name="X"), _node("c", name="x ")])

        with store.read(SPACE) as reader:
            found = reader.child(ROOT_ID, "X")
            assert found is not None
            assert found.id == "b"

    def test_the_height_of_a_folder_counts_live_levels(self, store: MetadataStore) -> None:
        folders = [
            _node("a", kind=Kind.FOLDER),
            _node("b", parent_id="a", kind=Kind.FOLDER),
            _node("c", parent_id="b", kind=Kind.FOLDER),
        ]
        commit(store, [*folders, _dead(_node("d", parent_id="c"))])
        with store.read(SPACE) as reader:
            assert [reader.height(node_id) for node_id in "abc"] == [2, 1, 0]

        commit(store, [_node("f", parent_id="c"), _node("g", parent_id="a")])
        with store.read(SPACE) as reader:
            assert [reader.height(node_id) for node_id in "abc"] == [3, 2, 1]
            assert set(reader.child_ids("a", 9)) == {"b", "g"}
            assert len(reader.child_ids("a", 1)) == 1

    def test_the_trash_pages_from_the_latest_deleted(self, store: MetadataStore) -> None:
        for number, node_id in enumerate("abc"):
            commit(store, [replace(_dead(_node(node_id)), deleted_ms=number // 2)])

        with store.read(SPACE) as reader:
            assert _ids(reader.trash(None, 9)) == ["c", "b", "a"]
            assert _ids(reader.trash(None, 1)) == ["c"]
            assert _ids(reader.trash(TrashPosition(1, "c"), 9)) == ["b", "a"]
            assert _ids(reader.trash(TrashPosition(0, "b"), 9)) == ["a"]

    def test_uploads_keep_their_blocks_until_they_end(self, store: MetadataStore) -> None:
        upload = Upload("u", "ann", "laptop", "{}", 20, 10, 1, 9)
        first, second = Block("aa", BlobRange("o", 0, 10)), Block("bb", BlobRange("p", 0, 10))
        with store.write(SPACE) as writer:
            writer.put_upload(upload)
            writer.put_upload_blocks("u", {1: first})
            writer.put_upload_blocks("u", {1: second, 0: first})
            assert writer.expired_uploads(now_ms=8) == []
            assert writer.expired_uploads(now_ms=9) == [upload]

        with store.read(SPACE) as reader:
            assert reader.upload("u") == upload
            assert reader.upload_blocks("u") == {0: first, 1: second}
            assert reader.upload_blocks("u", range(1, 5)) == {1: second}
            assert list(reader.ranges_in("o")) == [first.at]
        with store.write(SPACE) as writer:
            writer.drop_upload("u")
            assert (writer.upload("u"), writer.upload_blocks("u")) == (None, {})
            assert list(writer.ranges_in("o")) == []

    def test_an_acknowledgement_replaces_the_devices_earlier_one(
        self, store: MetadataStore
    ) -> None:
        later = Acknowledgement("laptop", 5, ("n",), 2)
        with store.write(SPACE) as writer:
            writer.put_acknowledgement(Acknowledgement("laptop", 1, (), 1))
            writer.put_acknowledgement(later)

        with store.read(SPACE) as reader:
            assert list(reader.acknowledgements()) == [later]

    def test_answers_are_dropped_by_age(self, store: MetadataStore) -> None:
        old = StoredAnswer("ann", "old-key", "h", 200, "{}", 4)
        new = StoredAnswer("ann", "new-key", "h", 200, "{}", 5)
        commit(store, [], answers=[old, new])
        with store.write(SPACE) as writer:
            writer.drop_answers(before_ms=5)

            assert writer.answers("ann", ["old-key", "new-key"]) == {"new-key": new}

    def test_a_purge_forgets_the_dead_the_superseded_and_their_contents(
        self, store: MetadataStore
    ) -> None:
        contents = [_content(name, [BlobRange(name, 0, 3)]) for name in ("old", "new", "gone")]
        commit(
            store,
            [_node("kept", content_id="old"), _node("dead", content_id="gone")],
            contents=contents,
            stored_bytes=9,
        )
        commit(
            store,
            [
                _node("kept", version=2, content_id="new", at_ms=10),
                _dead(_node("dead", version=2, content_id="gone", at_ms=10), at_ms=10),
            ],
        )
        with store.write(SPACE) as writer:
            assert writer.purge(before_ms=10, limit=100) == 0
            assert writer.head.purged_through == 0
            while writer.purge(before_ms=11, limit=1):
                pass

        with store.read(SPACE) as reader:
            assert reader.node("dead") is None
            assert [r.node.version for r in reader.revisions("kept")] == [2]
            assert reader.contents(["old", "new", "gone"]).keys() == {"new"}
            assert (reader.head.purged_through, reader.head.stored_bytes) == (4, 3)
            assert list(reader.ranges_in("gone")) == []

    def test_a_claimed_checksum_is_confirmed_everywhere(self, store: MetadataStore) -> None:
        content = replace(_content("c", []), claimed=True, checksum="claimed")
        commit(store, [replace(_node("n", content_id="c"), checksum="claimed")], contents=[content])
        with store.write(SPACE) as writer:
            assert list(writer.claimed_contents(9)) == [content]
            writer.confirm_content("c", "right")

            assert list(writer.claimed_contents(9)) == []
            revision, node = writer.revision("n", 1), writer.node("n")
            assert (revision and revision.node.checksum) == "right"
            assert (node and node.checksum) == "right"

    def test_ranges_that_moved_are_named_at_their_new_place(self, store: MetadataStore) -> None:
        old, kept = BlobRange("pack", 5, 3), BlobRange("pack", 8, 3)
        commit(store, [], contents=[_content("c", [old, kept])])
        with store.write(SPACE) as writer:
            writer.move_ranges({old: BlobRange("new", 0, 3)})
            content = writer.content("c")

        assert content is not None
        assert [block.at for block in content.blocks] == [BlobRange("new", 0, 3), kept]

    def test_a_dropped_space_is_gone(self, store: MetadataStore) -> None:
        commit(store, [_node("n")])
        store.drop_space(SPACE)

        assert store.space_ids() == []


def commit(
    store: MetadataStore,
    nodes: Iterable[Node],
    *,
    contents: Iterable[Content] = (),
    answers: Iterable[StoredAnswer] = (),
    stored_bytes: int | None = None,
) -> None:
    with store.write(SPACE) as writer:
        head = writer.head
        if stored_bytes is not None:
            head = replace(head, stored_bytes=stored_bytes)
        changes = _changes(head, list(nodes))
        writer.apply(replace(changes, contents=list(contents), answers=list(answers)))


def _changes(head: Head, nodes: list[Node]) -> Changes:
    commit_id = f"commit-{head.sequence + 1}"
    revisions = []
    for number, node in enumerate(nodes, head.sequence + 1):
        change = Change.CREATED if node.version == 1 else Change.CONTENT
        revisions.append(Revision(replace(node, sequence=number), change, commit_id))
    if not revisions:
        return Changes(head)
    last = head.sequence + len(nodes)
    made = Commit(commit_id, head.sequence + 1, last, "ann", "laptop", 1)
    return Changes(replace(head, sequence=last, commit_id=commit_id), made, revisions)


def _node(
    node_id: str,
    *,
    name: str | None = None,
    parent_id: str = ROOT_ID,
    kind: Kind = Kind.FILE,
    version: int = 1,
    content_id: str | None = None,
    at_ms: int = 1,
) -> Node:
    return Node(
        id=node_id,
        parent_id=parent_id,
        name=node_id if name is None else name,
        kind=kind,
        version=version,
        sequence=1,
        size=3,
        checksum=None,
        digest=None,
        content_id=content_id,
        executable=None,
        modified_ns=-5,
        device_id="laptop",
        created_ms=1,
        updated_ms=at_ms,
    )


def _dead(node: Node, *, at_ms: int = 2) -> Node:
    return replace(node, deleted_ms=at_ms, confirmed=True)


def _content(content_id: str, ranges: list[BlobRange]) -> Content:
    blocks = tuple(Block("ab", at) for at in ranges)
    return Content(content_id, 3, "md5", "digest", blocks, 1)


def _make_space(store: MetadataStore, space_id: str) -> None:
    store.create_space(Head(space_id, "Home", 0, "start"), Commit("start", 0, 0, "ann", "", 1))


def _ids(nodes: Iterable[Node]) -> list[str]:
    return [node.id for node in nodes]


def _id(head: Head | None) -> str | None:
    return None if head is None else head.space_id
