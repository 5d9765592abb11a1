"""A server with very many nodes: how fast its feed pages, and how fast a new client takes it in.

The nodes are put into the server's database by its own writer, a commit for each thousand: what is
measured is reading them.
"""

import json
import os
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path

import httpx

from dreamsync.config.file import load_config
from dreamsync.core.nodes import Kind
from dreamsync.daemon.compose import compose
from dreamsync.daemon.limits import Limits
from dreamsync.engine.engine import Engine
from dreamsync.engine.events import Event, FeedRead, Finished, Job, Outcome, SyncAsked
from dreamsync.server.metadata.database import Database
from dreamsync.server.metadata.records import ROOT_ID, Change, Commit, Head, Node, Revision
from dreamsync.server.metadata.sqlite import SqliteMetadata
from dreamsync.server.metadata.store import Changes, MetadataStore
from dreamsync.server.service.layout import database_file
from tests.benchmarks.contender import DREAMSYNC, Contender
from tests.benchmarks.workloads.workload import Figures, Measure, Trial, at_least
from tests.support.e2e import EMAIL, PASSWORD, Instance, ServerProcess, Workbench
from tests.support.processes import Stopwatch

_A_COMMIT = 1000
_PAGE = 5000
_DEVICE = "filler"


@dataclass(frozen=True, slots=True)
class LargeSpace:
    nodes: int

    name = "large-space"
    measures = (
        Measure("feed", "the feed pages", "/s", at_least(40_000)),
        Measure("client", "a client takes in", "/s", at_least(20_000)),
    )

    @property
    def title(self) -> str:
        return f"a space of {self.nodes:,} nodes: entries a second"

    def prepare(self, contender: Contender, folder: Path) -> AbstractContextManager[Trial] | None:
        return self._trial(folder) if contender.name == DREAMSYNC else None

    @contextmanager
    def _trial(self, folder: Path) -> Iterator[Trial]:
        with Workbench(folder) as bench:
            server = bench.server()
            server.stop()
            _fill(server, self.nodes)
            server.start()
            numbers = count()

            def trial() -> Figures:
                device = bench.device(f"device {next(numbers)}", server, run=False)
                return {
                    "feed": self.nodes / _page_through(server, device.name),
                    "client": self.nodes / _take_in(device),
                }

            yield trial


def _fill(server: ServerProcess, nodes: int) -> None:
    metadata = SqliteMetadata(Database(database_file(str(server.data))))
    try:
        (space_id,) = metadata.space_ids()
        for first in range(0, nodes, _A_COMMIT):
            _commit(metadata, space_id, range(first, min(first + _A_COMMIT, nodes)))
    finally:
        metadata.close()


def _commit(metadata: MetadataStore, space_id: str, numbers: range) -> None:
    """A folder, and files in it."""
    now_ms = int(time.time() * 1000)
    with metadata.write(space_id) as writer:
        head: Head = writer.head
        commit_id = f"commit-{numbers.start}"
        nodes = [_node(number, numbers.start, head.sequence + 1, now_ms) for number in numbers]
        commit = Commit(commit_id, nodes[0].sequence, nodes[-1].sequence, EMAIL, _DEVICE, now_ms)
        writer.apply(
            Changes(
                replace(head, sequence=commit.last, commit_id=commit_id),
                commit,
                [Revision(node, Change.CREATED, commit_id) for node in nodes],
            )
        )


def _node(number: int, first: int, sequence: int, now_ms: int) -> Node:
    is_folder = number == first
    return Node(
        id=_id(number),
        parent_id=ROOT_ID if is_folder else _id(first),
        name=f"{'folder' if is_folder else 'file'} {number}",
        kind=Kind.FOLDER if is_folder else Kind.FILE,
        version=1,
        sequence=sequence + number - first,
        size=0 if is_folder else 100,
        checksum=None if is_folder else f"{number:032x}",
        digest=None if is_folder else f"{number:064x}",
        content_id=None,
        executable=None if is_folder else False,
        modified_ns=now_ms * 1_000_000,
        device_id=_DEVICE,
        created_ms=now_ms,
        updated_ms=now_ms,
    )


def _id(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012x}"


def _page_through(server: ServerProcess, device_name: str) -> float:
    """Seconds for all pages, read and thrown away."""
    login = {"email": EMAIL, "password": PASSWORD, "deviceId": os.urandom(16).hex()}
    with httpx.Client(base_url=server.url, timeout=60) as client:
        answer = client.post("/auth/login", json={**login, "deviceName": f"reader {device_name}"})
        client.headers["Authorization"] = f"Bearer {answer.json()['accessToken']}"
        watch = Stopwatch()
        query: dict[str, str | int] = {"limit": _PAGE}
        while True:
            page = json.loads(client.get("/sync/files", params=query).raise_for_status().content)
            query["since"] = page["cursor"]
            if not page["hasMore"]:
                return watch.seconds


def _take_in(device: Instance) -> float:
    """Seconds until a client that has nothing has the whole feed in its journal."""
    config = load_config(device.paths.config_file)
    context, _ = compose(device.paths, config, Limits(config.network))
    try:
        engine = Engine(context)
        watch = Stopwatch()
        events: list[Event] = [SyncAsked()]
        while True:
            finished = [Finished(job.id, _outcomes(job)) for job in engine.step(events)]
            pages = [
                one.page for job in finished for one in job.outcomes if isinstance(one, FeedRead)
            ]
            events = list(finished)
            if pages and not pages[-1].has_more:
                engine.step(events)
                return watch.seconds
    finally:
        context.remote.close()
        context.journal.close()


def _outcomes(job: Job) -> list[Outcome]:
    while True:
        try:
            next(job.effects)
        except StopIteration as end:
            return list(end.value)
