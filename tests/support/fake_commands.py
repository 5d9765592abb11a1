"""An instance made of canned answers, for tests of what lies between a person and `Commands`."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from dreamsync.control.commands import CommandError, ErrorCode, Keep
from dreamsync.core.nodes import Kind, Side
from dreamsync.core.status import (
    Act,
    Activity,
    ConflictCopy,
    Hold,
    ItemState,
    ListedItem,
    Problem,
    Quota,
    Reason,
    State,
    Status,
    SyncSummary,
    VerifyReport,
)
from dreamsync.local.protocol import TrashItem
from dreamsync.remotes.protocol import KeptVersion

SINCE_MS = 1_790_000_000_000

HOLD = Hold("h1", Side.LOCAL, 312, ("사진/하나.jpg", "b.txt"), "more than 20 % at once", SINCE_MS)
PROBLEM = Problem(
    "일기/오늘.txt", Reason.NOT_PERMITTED, "Permission denied.", "Make it readable.", SINCE_MS
)
IDLE = Status(
    state=State.IDLE,
    revision=7,
    files=12_431,
    device_id="d-1",
    device_name="laptop",
    account="mina@example.com",
    folder="/home/mina/dreamsync",
    server="https://sync.example.com",
    cursor="c-9",
    last_sync_ms=SINCE_MS,
)


@dataclass
class FakeCommands:
    """Answers from its fields; `asked` lists the calls that would change something."""

    state: Status = IDLE
    summary: SyncSummary = field(default_factory=lambda: SyncSummary(State.IDLE, uploaded=2))
    report: VerifyReport = field(default_factory=lambda: VerifyReport(checked=3, matching=3))
    kept: tuple[KeptVersion, ...] = (
        KeptVersion(
            2, "content", None, "a.txt", 9, "ab", "cd", datetime(2026, 9, 21, tzinfo=UTC), "d-1",
            "laptop", available=True,
        ),
    )  # fmt: skip
    asked: list[tuple[object, ...]] = field(default_factory=list)
    failure: Exception | None = None
    states: dict[str, ItemState] = field(default_factory=dict)
    state_questions: int = 0
    used: Quota = field(default_factory=lambda: Quota(1_200_000_000, 50_000_000_000))
    stopped: Callable[[], None] | None = None

    def status(self) -> Status:
        self._maybe_fail()
        return self.state

    def wait_for_status(self, *, after_revision: int, seconds: float) -> Status:
        self.asked.append(("wait", after_revision, seconds))
        return self.status()

    def quota(self) -> Quota:
        self._maybe_fail()
        return self.used

    def sync(self, *, on_progress: Callable[[Status], None] | None = None) -> SyncSummary:
        self._maybe_fail()
        if on_progress is not None:
            for pending in (2, 1):
                on_progress(replace(self.state, state=State.SYNCING, pending=pending))
        return self.summary

    def verify(self, *, on_progress: Callable[[int, int], None] | None = None) -> VerifyReport:
        self._maybe_fail()
        if on_progress is not None:
            on_progress(1, 3)
        return self.report

    def confirm(self, hold_id: str | None, *, reject: bool) -> Sequence[Hold]:
        self._note("confirm", hold_id, reject)
        return [hold for hold in self.state.holds if hold_id in (None, hold.id)]

    def held(self, hold_id: str) -> Sequence[str]:
        self._maybe_fail()
        return [path for hold in self.state.holds if hold.id == hold_id for path in hold.sample]

    def pause(self, *, until_ms: int | None) -> None:
        self._note("pause", until_ms)

    def resume(self) -> None:
        self._note("resume")

    def activity(self, *, limit: int) -> Sequence[Activity]:
        self._maybe_fail()
        done = (
            Activity(SINCE_MS, Act.UPLOADED, "사진/하나.jpg", size=2048),
            Activity(SINCE_MS - 60_000, Act.MOVED_HERE, "b.txt", "a.txt"),
        )
        return done[:limit]

    def conflicts(self) -> Sequence[ConflictCopy]:
        self._maybe_fail()
        copy = "note (conflict laptop 2026-09-21 120000).txt"
        return [ConflictCopy(copy, "note.txt", SINCE_MS, 120)]

    def resolve_conflict(self, path: str, keep: Keep) -> None:
        self._note("resolve", path, keep)

    def history(self, path: str) -> Sequence[KeptVersion]:
        self._maybe_fail()
        if path != "a.txt":
            raise CommandError(ErrorCode.NOT_FOUND, "There is no such file.", path)
        return self.kept

    def restore(self, path: str, *, version: int | None) -> None:
        self._note("restore", path, version)

    def list_items(self, path: str) -> Sequence[ListedItem]:
        self._maybe_fail()
        return [
            ListedItem("사진", "folder", 0, ItemState.SYNCED, "r-1", 1),
            ListedItem("evil\x1b[31m.txt", "file", 5, ItemState.PENDING),
        ]

    def item_states(self, paths: Sequence[str]) -> Sequence[ItemState]:
        self._maybe_fail()
        self.state_questions += 1
        return [self.states.get(path, ItemState.SYNCED) for path in paths]

    def explain_ignore(self, path: str) -> str | None:
        self._maybe_fail()
        return "*.part" if path.endswith(".part") else None

    def add_ignore(self, pattern: str) -> None:
        self._note("ignore", pattern)

    def trash(self) -> Sequence[TrashItem]:
        self._maybe_fail()
        return [TrashItem("t1", "old.txt", Kind.FILE, 77, SINCE_MS, "deleted on server")]

    def restore_from_trash(self, item_id: str) -> str:
        self._note("untrash", item_id)
        return "old.txt"

    def reload_configuration(self) -> None:
        self._note("reload")

    def stop(self) -> None:
        self._note("stop")
        if self.stopped is not None:
            self.stopped()

    def _note(self, *call: object) -> None:
        self._maybe_fail()
        self.asked.append(call)

    def _maybe_fail(self) -> None:
        if self.failure is not None:
            raise self.failure
