"""What a seed becomes: the devices, the faults, and who does what when.

A scenario is a value. Shrinking makes smaller ones of it; playing one needs nothing else.
"""

import random
from dataclasses import dataclass
from enum import Enum

from tests.simulation.faults import NETWORK_FAULTS

_TEN_YEARS_MS = 10 * 365 * 86_400_000


class Verb(Enum):
    """What a person does on a device, and what befalls devices and the server."""

    CREATE = "create"
    MAKE_FOLDER = "make folder"
    EDIT = "edit"
    APPEND = "append"
    EMPTY = "empty"
    TOUCH = "touch"
    MOVE = "move"
    DELETE = "delete"
    SWAP = "swap"
    SAFE_SAVE = "save by rename"
    BACKUP_SAVE = "save with backup"
    CHANGE_KIND = "change kind"
    SAME_CONTENT = "same content on all"
    CHMOD = "change mode"
    CRASH = "crash"
    POWER_LOSS = "power loss"
    OFFLINE = "offline"
    PAUSE = "pause"
    UNPLUG = "unplug"
    PURGE = "purge tombstones"
    BACK_UP = "back up server"
    RESTORE = "restore server"


BY_PEOPLE = tuple(verb for verb in Verb if verb.value not in {
    "crash", "power loss", "offline", "pause", "unplug", "purge tombstones", "back up server",
    "restore server",
})  # fmt: skip
_OFTEN = (Verb.CREATE, Verb.CREATE, Verb.EDIT, Verb.MOVE, Verb.MOVE, Verb.DELETE)


@dataclass(frozen=True, slots=True)
class Action:
    """`what`, `where` and `name` choose among what is there; `within`: in the midst of one of the
    engine's own calls on that disk."""

    at: float
    verb: Verb
    device: int
    what: int
    where: int
    name: int
    within: bool = False


@dataclass(frozen=True, slots=True)
class Scenario:
    """`solo`: all people's actions are on the first device. `offers`: what the server can do."""

    seed: int
    devices: int
    solo: bool
    folds: tuple[bool, ...]
    has_bit: tuple[bool, ...]
    skew_ms: tuple[int, ...]
    offers: str
    twins: bool
    disk_rate: float
    network_rates: tuple[tuple[str, float], ...]
    hint_loss: float
    actions: tuple[Action, ...]


def scenario_of(seed: int) -> Scenario:
    chance = random.Random(f"scenario {seed}")
    devices = chance.choice([2, 2, 2, 3])
    solo = chance.random() < 0.25
    twins = chance.random() < 0.2
    calm = chance.random() < 0.25
    return Scenario(
        seed=seed,
        devices=devices,
        solo=solo,
        folds=tuple(chance.random() < 0.2 for _ in range(devices)),
        has_bit=tuple(chance.random() < 0.8 for _ in range(devices)),
        skew_ms=tuple(chance.choice([0, 0, 5_000, -_TEN_YEARS_MS, _TEN_YEARS_MS])
                      for _ in range(devices)),
        offers=chance.choice(["all", "all", "one by one", "sessions"]),
        twins=twins,
        disk_rate=0.0 if calm else chance.choice([0.0, 0.005, 0.03]),
        network_rates=() if calm else _rates(chance),
        hint_loss=chance.choice([0.0, 0.0, 0.1]),
        actions=_actions(chance, devices=devices, solo=solo),
    )  # fmt: skip


def _rates(chance: random.Random) -> tuple[tuple[str, float], ...]:
    return tuple(
        (fault, chance.choice([0.02, 0.08])) for fault in NETWORK_FAULTS if chance.random() < 0.5
    )


def _actions(chance: random.Random, *, devices: int, solo: bool) -> tuple[Action, ...]:
    count = chance.choice([4, 8, 12, 25, 40])
    pace = chance.choice([0.3, 2.0, 6.0])
    at = 0.0
    made: list[Action] = []
    for _ in range(count):
        at += chance.expovariate(1 / pace)
        made.append(_action(chance, at, devices=devices, solo=solo))
    return tuple(made)


def _action(chance: random.Random, at: float, *, devices: int, solo: bool) -> Action:
    draw = chance.random()
    device = chance.randrange(devices)
    if draw < 0.15:
        befalls = (
            Verb.CRASH,
            Verb.POWER_LOSS,
            Verb.OFFLINE,
            Verb.OFFLINE,
            Verb.PAUSE,
            Verb.UNPLUG,
        )
        verb = chance.choice(befalls)
    elif draw < 0.19:
        verb = chance.choice((Verb.PURGE, Verb.BACK_UP, Verb.RESTORE))
    else:
        verb = chance.choice(_OFTEN if draw < 0.6 else BY_PEOPLE)
        device = 0 if solo else device
    return Action(
        at=round(at, 3),
        verb=verb,
        device=device,
        what=chance.randrange(1000),
        where=chance.randrange(1000),
        name=chance.randrange(1000),
        within=verb in BY_PEOPLE and chance.random() < 0.2,
    )
