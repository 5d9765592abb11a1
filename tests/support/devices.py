"""Devices for stories: the real engine, journal and disk against the in-memory server.

Time is a number that a test moves on, and jobs run inline, so a story is the same each time.
"""

import hashlib
import os
from collections.abc import Generator
from dataclasses import dataclass, field
from pathlib import Path

from dreamsync.engine.context import Context, EngineSettings
from dreamsync.engine.engine import Engine
from dreamsync.engine.events import Event, Finished, Hinted, Job, Noted, SyncAsked, Woken
from dreamsync.journal.journal import Journal
from dreamsync.local.disk import FolderDisk
from dreamsync.local.marker import RootMarker
from dreamsync.remotes.memory import MemoryRemote, MemoryServer
from tests.support.counting_remote import CountingRemote


@dataclass
class FakeClock:
    seconds: float = 1_000.0

    def now_ms(self) -> int:
        return 1_700_000_000_000 + int(self.seconds * 1000)

    def monotonic(self) -> float:
        return self.seconds


@dataclass
class CountingRandom:
    """Keys that tell whose they are; no jitter."""

    owner: str
    count: int = 0

    def token(self) -> str:
        self.count += 1
        return hashlib.sha256(f"{self.owner}-{self.count}".encode()).hexdigest()[:32]

    def jitter(self) -> float:
        return 1.0


@dataclass
class Device:
    """One computer with a folder. `sync` does what `dreamsync sync` does."""

    name: str
    root: Path
    remote: CountingRemote
    clock: FakeClock = field(default_factory=FakeClock)
    journal: Journal = field(default_factory=lambda: Journal(":memory:"))
    random: CountingRandom | None = None

    def __post_init__(self) -> None:
        self.random = CountingRandom(self.name)
        self.root.mkdir(exist_ok=True)
        marker = RootMarker(f"root-{self.name}", "account", self.name, "2026-01-01T00:00:00Z")
        self.disk = FolderDisk(
            str(self.root), root_id=None, new_marker=marker, clock_ms=self.clock.now_ms
        )
        self.disk.establish_root()
        self.restart()

    def restart(self) -> None:
        """A new process on the same journal and disk."""
        assert self.random is not None
        self.context = Context(
            self.journal,
            self.disk,
            self.remote,
            self.clock,
            self.random,
            EngineSettings(device_id=self.name, device_name=self.name),
        )
        self.engine = Engine(self.context)

    def sync(self, *, steps: int = 2000) -> None:
        """Everything until nothing is left to do; time goes on only where it is waited for."""
        events: list[Event] = [SyncAsked()]
        for _ in range(steps):
            jobs = self.engine.step(events)
            events = []
            for job in jobs:
                events.extend(run_job(job))
            if not events:
                if self.engine.quiescent:
                    return
                wake = self.engine.next_wake()
                self.clock.seconds = max(self.clock.seconds, wake) + 0.001
                events = [Woken()]
        raise AssertionError(f"{self.name} does not come to rest")

    def live(self, *paths: str, seconds: float = 1.0) -> None:
        """The daemon runs: the watcher hints at these paths, then so much time goes by."""
        end = self.clock.seconds + seconds
        events: list[Event] = [Hinted(path, deep=True) for path in paths] or [Woken()]
        while events or self.engine.next_wake() < end:
            if not events:
                self.clock.seconds = max(self.clock.seconds, self.engine.next_wake()) + 0.001
                events = [Woken()]
            events = [event for job in self.engine.step(events) for event in run_job(job)]
        self.clock.seconds = max(self.clock.seconds, end)

    def live_step(self, *events: Event) -> None:
        """These events and all that follows from them at once; no time goes by."""
        following = list(events)
        while following:
            following = [event for job in self.engine.step(following) for event in run_job(job)]

    def write(self, path: str, text: str, *, mtime: float | None = None) -> None:
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
        if mtime is not None:
            os.utime(target, (mtime, mtime))

    def tree(self) -> dict[str, str | None]:
        """Path to text; None for a folder. Ours is left out."""
        found: dict[str, str | None] = {}
        for path in sorted(self.root.rglob("*")):
            name = str(path.relative_to(self.root))
            if not name.startswith(".dreamsync/") and name != ".dreamsync":
                found[name] = None if path.is_dir() else path.read_text(errors="backslashreplace")
        return found


def jobs_on_nodes(device: Device, *events: Event) -> list[Job]:
    """What these events lead to, not run yet; what is first asked of the server is."""
    following: list[Event] = list(events)
    while following:
        jobs = device.engine.step(following)
        if any(job.nodes for job in jobs):
            return [job for job in jobs if job.nodes]
        following = [event for job in jobs for event in run_job(job)]
    raise AssertionError(f"{device.name} has nothing to do")


def run_job(job: Job) -> Generator[Event, None, None]:
    """Drain a job inline: its notes, then what came of it."""
    effects = job.effects
    while True:
        try:
            note = next(effects)
        except StopIteration as end:
            yield Finished(job.id, end.value)
            return
        if note is not None:
            yield Noted(note)


@dataclass
class World:
    """A server and the devices of one account."""

    folder: Path
    server: MemoryServer = field(default_factory=MemoryServer)
    clock: FakeClock = field(default_factory=FakeClock)
    devices: dict[str, Device] = field(default_factory=dict)

    def device(self, name: str) -> Device:
        if name not in self.devices:
            remote = CountingRemote(MemoryRemote(self.server, name, hint_wait_s=0.0))
            self.devices[name] = Device(name, self.folder / name, remote, self.clock)
        return self.devices[name]

    def live_paths(self) -> set[str]:
        """What the server has, asked of the server itself."""
        page = self.server.changes(None, 100_000)
        assert not page.has_more
        return {file.file_name for file in page.files if not file.deleted}

    def settle(self, *, rounds: int = 12) -> None:
        """Sync all in turn until two whole rounds change nothing: in the first, the last device
        may have sent what the others have yet to hear of."""
        quiet = 0
        for _ in range(rounds):
            before = [device.tree() for device in self.devices.values()]
            for device in self.devices.values():
                device.sync()
            after = [device.tree() for device in self.devices.values()]
            quiet = quiet + 1 if before == after else 0
            if quiet == 2:
                return
        raise AssertionError("the devices do not converge")
