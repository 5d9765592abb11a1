"""A scenario played: who is next, what befalls them, and the end of all faults."""

import hashlib
import heapq
import random
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace

from dreamsync.engine.events import Pushed, PushState
from dreamsync.remotes.memory import FULL_CAPABILITIES
from tests.simulation import oracle
from tests.simulation.befalling import Befalling
from tests.simulation.device import SimDevice, Time
from tests.simulation.disk import Broken
from tests.simulation.person import Person, Tokens
from tests.simulation.scenario import BY_PEOPLE, Action, Names, Scenario, Verb
from tests.simulation.trace import Trace, TracedServer

_MOST_STEPS = 60_000
_LONGEST_REST = 1200.0
_MOST_ROUNDS = 12
_QUIET_CYCLES = 10
_FEW_CYCLES = 1
_STATUS_LOOKS = 0.05
_ROT = 0.5

_OFFERS = {
    "all": FULL_CAPABILITIES,
    "one by one": replace(FULL_CAPABILITIES, batch_items=0),
    "sessions": replace(FULL_CAPABILITIES, batch_items=0, upload_limit=4),
}


@dataclass(frozen=True, slots=True)
class Result:
    """`faults`: labels of all that could be spared."""

    failure: str | None
    story: tuple[str, ...]
    counts: Counter[str]
    faults: tuple[str, ...]

    @property
    def trace(self) -> str:
        return hashlib.sha256("\n".join(self.story).encode()).hexdigest()[:16]


def play(scenario: Scenario, trace: Trace | None = None) -> Result:
    """`trace` is told all that is asked of the server."""
    world = World(scenario, trace)
    failure = None
    try:
        world.play()
    except Broken as broken:
        failure = str(broken)
    except Exception:
        failure = traceback.format_exc(limit=-6)
    finally:
        world.close()
    return Result(failure, tuple(world.story), world.counts, world.faults())


class World:
    def __init__(self, scenario: Scenario, trace: Trace | None = None) -> None:
        self.scenario = scenario
        self._trace = trace
        self.story: list[str] = []
        self.counts: Counter[str] = Counter()
        self._time = Time()
        self._chance = random.Random(f"world {scenario.streams}")
        self._agenda: list[tuple[float, int, Callable[[], None]]] = []
        self._agreed = 0
        self._steps = 0
        self._ever_on_server: set[bytes] = set()
        self._tokens = Tokens()
        offers = replace(_OFFERS[scenario.offers], copies=scenario.copies)
        self._server = TracedServer(offers, trace)
        self._server.listeners.append(self._push)
        self.devices = [self._device(index) for index in range(scenario.devices)]
        self._people = [self._person(device) for device in self.devices]
        self._within: dict[str, list[Action]] = {device.name: [] for device in self.devices}
        self._befalling = Befalling(self, self._server, self.devices)

    def _device(self, index: int) -> SimDevice:
        device = SimDevice(
            "abcd"[index],
            self._server,
            self.scenario,
            index=index,
            time=self._time,
            counts=self.counts,
            tell=self.tell,
            trace=self._trace,
        )
        device.disk.is_known = lambda data: data in self._tokens.contents
        device.disk.interfere = lambda: self._interfere(device)
        device.post(PushState(live=self._chance.random() < 0.5))
        return device

    def _person(self, device: SimDevice) -> Person:
        return Person(
            device.name,
            device.disk.files,
            self._tokens,
            twins=self.scenario.twins,
            copies=self.scenario.copies,
            pace=random.Random(f"pace {device.name} {self.scenario.streams}"),
            tell=self.tell,
            hint=device.hint,
            later=lambda seconds, what: self._later_on(device, seconds, what),
        )

    def close(self) -> None:
        self._server.note_what_there_is()
        for device in self.devices:
            device.journal.close()

    def faults(self) -> tuple[str, ...]:
        parts = [part for d in self.devices for part in (d.disk_faults, d.network)]
        return tuple(label for part in parts for label in part.happenings.labels)

    def tell(self, text: str) -> None:
        self.story.append(f"{self._time.seconds:9.3f} {text}")

    def _count_kinds(self) -> None:
        scenario = self.scenario
        for names in set(scenario.names) - {Names.EXACT}:
            self.counts[f"runs with a disk that {names.value}"] += 1
        self.counts["runs with clocks years apart"] += len(set(scenario.skew_ms) - {0, 5_000}) > 0

    def play(self) -> None:
        self._count_kinds()
        self._let_a_disk_rot()
        for action in self.scenario.actions:
            self._run_until(action.at)
            self._happens(action)
        self._run_until(self._time.seconds + self._chance.choice([0.0, 1.0, 30.0]))
        self._cease()
        if self.scenario.locked:
            self._with_a_locked_file()
        self._converge()
        self._check()

    # Time.

    def later(self, seconds: float, what: Callable[[], None]) -> None:
        self._agreed += 1
        heapq.heappush(self._agenda, (self._time.seconds + seconds, self._agreed, what))

    def _later_on(self, device: SimDevice, seconds: float, what: Callable[[], None]) -> None:
        """Once its folder is there."""

        def go_on() -> None:
            if device.disk.absent:
                self.later(1.0, go_on)
            else:
                what()

        self.later(seconds, go_on)

    def _run_until(self, end: float) -> None:
        while True:
            times = [device.next_time() for device in self.devices]
            first = min(times)
            if self._agenda and self._agenda[0][0] <= min(first, end):
                at, _, what = heapq.heappop(self._agenda)
                self._time.seconds = max(self._time.seconds, at)
                what()
                continue
            if first > end:
                self._time.seconds = max(self._time.seconds, end)
                return
            self._time.seconds = max(self._time.seconds, first)
            due = [device for device, at in zip(self.devices, times, strict=True) if at <= first]
            self._act(self._chance.choice(due))

    def _act(self, device: SimDevice) -> None:
        self._steps += 1
        if self._steps > _MOST_STEPS:
            raise Broken(f"it does not come to rest in {_MOST_STEPS} steps")
        device.act()
        while device.network.late:
            self.later(self._chance.uniform(0.1, 20.0), device.network.late.pop(0))
        if device.engine.settled and self._chance.random() < _STATUS_LOOKS:
            self.counts["looks at what is called up to date"] += oracle.check_up_to_date(
                device, self._server
            )

    def _push(self, _cursor: str) -> None:
        for device in self.devices:
            if self._chance.random() < 0.8:
                device.post(Pushed(), delay=self._chance.choice([0.0, 0.1, 1.0]))

    # What happens.

    def _happens(self, action: Action) -> None:
        if action.verb not in BY_PEOPLE:
            self.counts[f"befell {action.verb.value}"] += 1
            self._befalling.befalls(action)
        elif action.within:
            self._within[self.devices[action.device].name].append(action)
        else:
            self._person_does(action)

    def _person_does(self, action: Action) -> None:
        device = self.devices[action.device]
        if device.disk.absent:
            return
        person = self._people[action.device]
        if action.verb is Verb.SAME_CONTENT:
            self._same_content(action)
        elif not person.does(action):
            return
        self.counts[f"person {action.verb.value}"] += 1

    def _same_content(self, action: Action) -> None:
        path = self._people[action.device].some_place(action).rpartition("/")[2]
        data = self._tokens.fresh(path)
        people = self._people[:1] if self.scenario.solo else self._people
        present = [
            person
            for device, person in zip(self.devices, people, strict=False)
            if not device.disk.absent
        ]
        if not [person for person in present if person.put(path, data)]:
            self._tokens.throw_away(data)

    def _let_a_disk_rot(self) -> None:
        """In some runs, some time: what is found of it is repaired, and never sent over what is
        good."""
        chance = random.Random(f"rot {self.scenario.streams}")
        if self.scenario.calm or chance.random() >= _ROT or not self.scenario.actions:
            return
        device = chance.choice(self.devices)
        at = chance.uniform(0.0, self.scenario.actions[-1].at)
        self.later(at, lambda: device.rot(chance, self._tokens.rot))

    def _interfere(self, device: SimDevice) -> None:
        waiting = self._within[device.name]
        if waiting:
            self.counts["under our feet"] += 1
            self._person_does(waiting.pop(0))

    def note_contents(self) -> None:
        """Invariant 17 as well: what the server ever had is what somebody wrote."""
        there = set(self._server.space.blobs.values())
        for data in there - self._tokens.contents:
            raise Broken(f"the server has bytes that nobody wrote: {data!r}")
        self._ever_on_server |= there

    # The end.

    def _cease(self) -> None:
        self.tell("all faults cease")
        for device in self.devices:
            device.disk_faults.on = device.network.on = False
            self._befalling.pause(device, 0)
            for action in self._within[device.name]:
                self._person_does(action)
            self._within[device.name].clear()
        while self._agenda:
            self._run_until(self._agenda[0][0])

    def _with_a_locked_file(self) -> None:
        """Invariant 22: what one file cannot have done to it keeps no other from its rest."""
        device, person = self.devices[0], self._people[0]
        edited = person.locks_some_file()
        if edited is None:
            return
        self.counts["runs with a locked file"] += 1
        device.disk_faults.locked = {edited.number}
        for _ in range(4):
            self._round(reads_all=True)
            self._answer_holds()
        oracle.check_equal_but_for(device, edited, self._server, self.devices)
        device.disk_faults.locked.clear()

    def _converge(self) -> None:
        before = None
        for _ in range(_MOST_ROUNDS):
            self._round(reads_all=True)
            trees = [oracle.tree_on(device.disk.files) for device in self.devices]
            after = (self._server.space.head, trees)
            if not self._answer_holds() and after == before:
                return
            before = after
        raise Broken("the devices do not converge")

    def _round(self, *, reads_all: bool = False) -> None:
        """What `dreamsync sync` does, on all devices at once; or `dreamsync verify`, too, where a
        disk has damaged something."""
        for device in self.devices:
            device.ask_sync()
            if reads_all:
                device.ask_verify()
        end = self._time.seconds + _LONGEST_REST
        while not all(device.at_rest for device in self.devices) or self._agenda:
            if self._time.seconds > end:
                busy = [device.name for device in self.devices if not device.at_rest]
                raise Broken(f"{busy} have not come to rest in {_LONGEST_REST:.0f} s")
            self._run_until(self._time.seconds + 0.5)

    def _answer_holds(self) -> bool:
        answered = False
        for device in self.devices:
            for hold in device.journal.holds.all():
                reject = self._chance.random() < 0.5
                self.tell(f"{device.name}: a person {'rejects' if reject else 'confirms'} {hold}")
                self.counts["hold rejected" if reject else "hold confirmed"] += 1
                with device.journal.transaction():
                    device.engine.deletions.answer([hold.id], reject=reject)
                answered = True
        return answered

    def _check(self) -> None:
        self.note_contents()
        oracle.check_equal(self._server, self.devices)
        only_kept = self._befalling.restored or self._is_damage_forgotten()
        oracle.check_live(
            self._tokens, self._server, also=self._ever_on_server if only_kept else set()
        )
        oracle.check_kept(self.devices, self._ever_on_server, self._server)
        for device in self.devices:
            oracle.check_no_problem(device)
            oracle.check_journal(device, self._server)
        if self.scenario.solo and self._is_one_sided():
            self.counts["runs of which only one device was edited"] += 1
            oracle.check_one_sided(self._server, self.devices)
        self._check_quiet()
        self._check_power_loss_at_rest()
        copies = [path for path in oracle.tree_of(self._server) if "(conflict " in path]
        self.counts["conflict copy at the end"] += len(copies)
        self.counts["runs with a conflict copy"] += bool(copies)

    def _is_damage_forgotten(self) -> bool:
        """Without the journal that knew the good bytes, damaged ones are anybody's edit: the server
        keeps what they went over."""
        forgotten = ("befell journal lost", "befell journal rolled back")
        damaged = self.counts["file damaged by its disk"]
        return bool(damaged and any(self.counts[name] for name in forgotten))

    def _is_one_sided(self) -> bool:
        """Whether nothing has happened that rightly changes the disk of the only one who edits.

        A file that was placed, but not noted because the process died or the folder could not be
        flushed, counts as the other device's own; and a request that arrives after the next try of
        it creates anew what has been deleted since (known shortcomings).
        """
        excused = (
            "crash with jobs under way",
            "befell journal lost",
            "befell journal rolled back",
            "hold rejected",
            "network late effect",
            "file damaged by its disk",
            "listing of nothing",
        )
        unconfirmed = any(device.disk.unconfirmed for device in self.devices)
        return not (
            self._befalling.restored or unconfirmed or any(self.counts[name] for name in excused)
        )

    def _check_quiet(self) -> None:
        """Invariant 5; telling the server how far each device is belongs to coming to rest."""
        self._run_until(self._time.seconds + 60.0)
        self._round()
        before = self._activity()
        for _ in range(_QUIET_CYCLES if self.scenario.seed % 10 == 0 else _FEW_CYCLES):
            self._round()
        if self._activity() != before:
            raise Broken(f"not quiet at rest: {before} became {self._activity()}")

    def _check_power_loss_at_rest(self) -> None:
        """Invariant 9: what is at rest is durable, and the next start cleans up after the last."""
        sent = [device.counting.mutations.copy() for device in self.devices]
        for device in self.devices:
            device.crash(power=True)
        self._round()
        if [device.counting.mutations for device in self.devices] != sent:
            raise Broken("a power failure at rest made a device send something")
        oracle.check_equal(self._server, self.devices)
        for device in self.devices:
            if left := device.disk.staged_names():
                raise Broken(f"{device.name} has left {left} in staging")

    def _activity(self) -> list[object]:
        return [
            self._server.space.head,
            *(
                (dict(device.counting.mutations), device.journal.changes())
                for device in self.devices
            ),
        ]
