"""Named points at which a real process of dreamsync ends itself by SIGKILL.

    python -m tests.support.failpoints "base committed" -- sync

runs any command of dreamsync with one point armed; exit code -9 then proves that it was reached.
The program knows nothing of its points: they are calls, named here, which the launcher wraps in its
own process before the command begins. So they cost nothing where nobody arms them.
"""

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from enum import Enum
from pkgutil import resolve_name


class Edge(Enum):
    """Where the process ends: around a call, or around what the end of a `with` block does."""

    BEFORE = "before the call"
    AFTER = "after the call"
    LEAVING = "at the end of the block, before it is left"
    LEFT = "once the block was left"


@dataclass(frozen=True, slots=True)
class Failpoint:
    """`target` is `module:Class.method`, or `module:function` as the module that calls it knows it.
    With `once`, another such target, only a time after that one was called counts."""

    name: str
    target: str
    edge: Edge
    once: str | None = None


def arm(point: Failpoint) -> None:
    """From now on this process ends when it comes to `point`."""
    reached = [point.once is None]
    if point.once is not None:
        _wrap(point.once, lambda call: _noting(call, reached))
    if point.edge in (Edge.BEFORE, Edge.AFTER):
        _wrap(point.target, lambda call: _ending_call(call, point.edge, reached))
    else:
        _wrap(point.target, lambda call: _ending_block(call, point.edge, reached))


def _wrap(target: str, around: "Callable[[Call], Call]") -> None:
    owner_name, _, attribute = target.rpartition("." if "." in target.partition(":")[2] else ":")
    owner = resolve_name(owner_name)
    setattr(owner, attribute, around(getattr(owner, attribute)))


Call = Callable[..., object]


def _noting(call: Call, reached: list[bool]) -> Call:
    def noting(*values: object, **options: object) -> object:
        reached[0] = True
        return call(*values, **options)

    return noting


def _ending_call(call: Call, edge: Edge, reached: list[bool]) -> Call:
    def ending(*values: object, **options: object) -> object:
        if edge is Edge.BEFORE and reached[0]:
            _end()
        answer = call(*values, **options)
        if edge is Edge.AFTER and reached[0]:
            _end()
        return answer

    return ending


def _ending_block(call: Call, edge: Edge, reached: list[bool]) -> Call:
    @contextmanager
    def ending(*values: object, **options: object) -> Iterator[object]:
        block = call(*values, **options)
        assert isinstance(block, AbstractContextManager)
        with block as value:
            yield value
            if edge is Edge.LEAVING and reached[0]:
                _end()
        if edge is Edge.LEFT and reached[0]:
            _end()

    return ending


def _end() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


_JOURNAL = "dreamsync.journal.journal:Journal.transaction"
_RECORDS = "dreamsync.journal.records"
_SETTLER = "dreamsync.engine.settle:Settler"
_FEED = "dreamsync.engine.feed:Feed"
_REST = "dreamsync.remotes.rest.full:FullDialect"
_DISK = "dreamsync.local.disk:FolderDisk"
_STAGED = "dreamsync.local.staging:OpenStagedFile"
_TRASH = "dreamsync.local.trash:Trash"

FIRST_START = (
    Failpoint("journal made", "dreamsync.journal.journal:open_database", Edge.AFTER),
    Failpoint("marker written", f"{_DISK}.establish_root", Edge.AFTER),
    Failpoint("marker noted", _JOURNAL, Edge.LEFT, once=f"{_DISK}.establish_root"),
    Failpoint("listing committed", _JOURNAL, Edge.LEFT, once=f"{_FEED}.take_page"),
    Failpoint("first base committed", _JOURNAL, Edge.LEFT, once=f"{_SETTLER}.applied"),
)

CLIENT = (
    # Observing and planning.
    Failpoint("page not yet committed", _JOURNAL, Edge.LEAVING, once=f"{_FEED}.take_page"),
    Failpoint("page committed", _JOURNAL, Edge.LEFT, once=f"{_FEED}.take_page"),
    Failpoint("intent not yet committed", _JOURNAL, Edge.LEAVING, once=f"{_RECORDS}:Intents.add"),
    Failpoint("intent committed", _JOURNAL, Edge.LEFT, once=f"{_RECORDS}:Intents.add"),
    # Sending.
    Failpoint("batch to be sent", f"{_REST}.upload_batch", Edge.BEFORE),
    Failpoint("batch answered", f"{_REST}.upload_batch", Edge.AFTER),
    Failpoint("file to be sent", f"{_REST}.upload", Edge.BEFORE),
    Failpoint("file answered", f"{_REST}.upload", Edge.AFTER),
    Failpoint("session answered", f"{_REST}.open_session", Edge.AFTER),
    Failpoint("session noted", _JOURNAL, Edge.LEFT, once=f"{_RECORDS}:Sessions.put"),
    Failpoint("block answered", f"{_REST}.send_block", Edge.AFTER),
    Failpoint("session to be completed", f"{_REST}.complete_session", Edge.BEFORE),
    Failpoint("session completed", f"{_REST}.complete_session", Edge.AFTER),
    Failpoint("move to be sent", f"{_REST}.move", Edge.BEFORE),
    Failpoint("move answered", f"{_REST}.move", Edge.AFTER),
    Failpoint("executable bit answered", f"{_REST}.set_executable", Edge.AFTER),
    Failpoint("deletions to be sent", f"{_REST}.delete_batch", Edge.BEFORE),
    Failpoint("deletions answered", f"{_REST}.delete_batch", Edge.AFTER),
    Failpoint("sent, base not yet committed", _JOURNAL, Edge.LEAVING, once=f"{_SETTLER}.sent"),
    Failpoint("sent, base committed", _JOURNAL, Edge.LEFT, once=f"{_SETTLER}.sent"),
    # Fetching and applying.
    Failpoint("batch fetched", f"{_REST}.download_batch", Edge.AFTER),
    Failpoint("staged file made", f"{_DISK}.stage", Edge.AFTER),
    Failpoint("staged file written", f"{_STAGED}.write", Edge.AFTER),
    Failpoint("staged file not yet flushed", f"{_STAGED}.flush_to_disk", Edge.BEFORE),
    Failpoint("staged file flushed", f"{_STAGED}.flush_to_disk", Edge.AFTER),
    Failpoint("to be placed", f"{_DISK}.place", Edge.BEFORE),
    Failpoint("dressed", "dreamsync.local.placing:dress", Edge.AFTER),
    Failpoint("in its slot", "dreamsync.local.placing:swap_in", Edge.BEFORE),
    Failpoint("swapped in", "dreamsync.local.placing:swap_in", Edge.AFTER),
    Failpoint("placed", f"{_DISK}.place", Edge.AFTER),
    Failpoint("folders not yet flushed", f"{_DISK}.sync_folders", Edge.BEFORE),
    Failpoint("trash flushed", f"{_TRASH}.sync", Edge.AFTER),
    Failpoint("folders flushed", f"{_DISK}.sync_folders", Edge.AFTER),
    Failpoint("folder made here", f"{_DISK}.make_folder", Edge.AFTER),
    Failpoint("to be moved here", f"{_DISK}.move", Edge.BEFORE),
    Failpoint("moved here", f"{_DISK}.move", Edge.AFTER),
    Failpoint("executable bit set here", f"{_DISK}.set_executable", Edge.AFTER),
    Failpoint("slot made", "dreamsync.local.trash:_write_facts", Edge.AFTER),
    Failpoint("trashed", f"{_DISK}.trash_file", Edge.AFTER),
    Failpoint("folder trashed", f"{_DISK}.trash_folder", Edge.AFTER),
    Failpoint(
        "applied, base not yet committed", _JOURNAL, Edge.LEAVING, once=f"{_SETTLER}.applied"
    ),
    Failpoint("applied, base committed", _JOURNAL, Edge.LEFT, once=f"{_SETTLER}.applied"),
    Failpoint("to be acknowledged", f"{_REST}.ack", Edge.BEFORE),
)

_PACK = "dreamsync.server.blobs.packs:Pack"
_GROUP = "dreamsync.server.blobs.files:FileGroup"
_METADATA = "dreamsync.server.metadata.sqlite:SqliteMetadata.write"
_ACCOUNTS = "dreamsync.server.metadata.database:Database.write"
_DRAFT = "dreamsync.server.service.draft:Draft"
_UPLOADS = "dreamsync.server.service.uploads"

SERVER = (
    Failpoint("pack made", f"{_PACK}.__init__", Edge.AFTER),
    Failpoint("appended to the pack", f"{_PACK}.append", Edge.AFTER),
    Failpoint("pack not yet flushed", f"{_PACK}.sync", Edge.BEFORE),
    Failpoint("pack flushed", f"{_PACK}.sync", Edge.AFTER),
    Failpoint("blob's file made", f"{_GROUP}.stage", Edge.AFTER),
    Failpoint("blob's file written", f"{_GROUP}.take", Edge.BEFORE),
    Failpoint("blob's file flushed", f"{_GROUP}.take", Edge.AFTER),
    Failpoint(
        "blob renamed, its folder not yet flushed",
        "dreamsync.server.blobs.files:sync_folder",
        Edge.BEFORE,
        once=f"{_GROUP}.take",
    ),
    Failpoint("blobs settled", f"{_GROUP}.settle", Edge.AFTER),
    Failpoint("change not yet committed", _METADATA, Edge.LEAVING, once=f"{_DRAFT}.change"),
    Failpoint("change committed, not yet answered", _METADATA, Edge.LEFT, once=f"{_DRAFT}.change"),
    Failpoint("creation not yet committed", _METADATA, Edge.LEAVING, once=f"{_DRAFT}.create"),
    Failpoint("creation committed, not told", _METADATA, Edge.LEFT, once=f"{_DRAFT}.create"),
    Failpoint("listeners told", "dreamsync.server.service.commits:Commits.tell", Edge.AFTER),
    Failpoint("upload session begun", f"{_UPLOADS}:Uploads.start", Edge.AFTER),
    Failpoint("block to be noted", f"{_UPLOADS}:BlockSink.finish", Edge.BEFORE),
    Failpoint("block noted", f"{_UPLOADS}:BlockSink.finish", Edge.AFTER),
    Failpoint("upload session to be completed", f"{_UPLOADS}:Uploads.complete", Edge.BEFORE),
    Failpoint("upload session completed", f"{_UPLOADS}:Uploads.complete", Edge.AFTER),
    Failpoint(
        "tokens not yet renewed",
        _ACCOUNTS,
        Edge.LEAVING,
        once="dreamsync.server.accounts.refresh:RefreshTokens.rotate",
    ),
    Failpoint(
        "tokens renewed, not yet answered",
        _ACCOUNTS,
        Edge.LEFT,
        once="dreamsync.server.accounts.refresh:RefreshTokens.rotate",
    ),
)


def named(name: str) -> Failpoint:
    """Raises `KeyError`."""
    return {point.name: point for point in (*FIRST_START, *CLIENT, *SERVER)}[name]


def main(arguments: list[str]) -> None:
    name, separator, *command = arguments
    assert separator == "--", __doc__
    arm(named(name))
    sys.argv = ["dreamsync", *command]
    from dreamsync.cli import main as dreamsync

    dreamsync()


if __name__ == "__main__":
    main(sys.argv[1:])
