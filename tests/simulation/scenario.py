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
    RECASE = "change case"
    MANY = "create many"
    CRASH = "crash"
    POWER_LOSS = "power loss"
    JOURNAL_LOST = "journal lost"
    JOURNAL_OLDER = "journal rolled back"
    OFFLINE = "offline"
    PAUSE = "pause"
    UNPLUG = "unplug"
    SWAP_ROOT = "another folder in its place"
    SUSPEND = "suspend"
    OVERFLOW = "watcher overflow"
    REVOKE = "revoke"
    PURGE = "purge tombstones"
    BACK_UP = "back up server"
    RESTORE = "restore server"
    SERVER_DOWN = "server down"


_OF_DEVICES = (
    *(Verb.CRASH, Verb.POWER_LOSS, Verb.OFFLINE) * 2,
    Verb.JOURNAL_LOST,
    Verb.JOURNAL_OLDER,
    Verb.PAUSE,
    Verb.UNPLUG,
    Verb.SWAP_ROOT,
    Verb.SUSPEND,
    Verb.OVERFLOW,
    Verb.REVOKE,
)
_OF_THE_SERVER = (Verb.PURGE, Verb.BACK_UP, Verb.RESTORE, Verb.SERVER_DOWN)
BY_PEOPLE = tuple(verb for verb in Verb if verb not in {*_OF_DEVICES, *_OF_THE_SERVER})
_NOW_AND_THEN = tuple(verb for verb in BY_PEOPLE if verb is not Verb.MANY)
_OFTEN = (Verb.CREATE, Verb.CREATE, Verb.EDIT, Verb.MOVE, Verb.MOVE, Verb.DELETE)


class Names(Enum):
    """How a device's disk treats names: as bytes, folding case and form, or decomposing them."""

    EXACT = "exact"
    FOLDS = "folds"
    DECOMPOSES = "decomposes"


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
    """`solo`: all people's actions are on the first device. `offers`: what the server can do;
    `copies`: it can copy as well, and people make copies. `spared` are faults that do not happen
    after all; `streams` seeds all that is drawn while the scenario is played. `locked`: at the end,
    one file cannot be read for a while."""

    seed: int
    streams: int
    devices: int
    solo: bool
    names: tuple[Names, ...]
    has_bit: tuple[bool, ...]
    skew_ms: tuple[int, ...]
    offers: str
    twins: bool
    disk_rate: float
    network_rates: tuple[tuple[str, float], ...]
    hint_loss: float
    locked: bool
    actions: tuple[Action, ...]
    copies: bool = False
    spared: frozenset[str] = frozenset()

    @property
    def calm(self) -> bool:
        """No call fails, and no hint is lost."""
        return not (self.disk_rate or self.network_rates or self.hint_loss)


def scenario_of(seed: int) -> Scenario:
    chance = random.Random(f"scenario {seed}")
    devices = chance.choice([2, 2, 2, 2, 3, 3, 4])
    solo = chance.random() < 0.25
    calm = chance.random() < 0.25
    return Scenario(
        seed=seed,
        streams=seed,
        devices=devices,
        solo=solo,
        names=tuple(_names(chance) for _ in range(devices)),
        has_bit=tuple(chance.random() < 0.8 for _ in range(devices)),
        skew_ms=tuple(chance.choice([0, 0, 5_000, -_TEN_YEARS_MS, _TEN_YEARS_MS])
                      for _ in range(devices)),
        offers=chance.choice(["all", "all", "one by one", "sessions"]),
        twins=chance.random() < 0.2,
        disk_rate=0.0 if calm else chance.choice([0.0, 0.01, 0.05]),
        network_rates=() if calm else _rates(chance),
        hint_loss=0.0 if calm else chance.choice([0.0, 0.0, 0.1]),
        locked=chance.random() < 0.1,
        actions=_actions(chance, devices=devices, solo=solo),
        copies=random.Random(f"copies {seed}").random() < 0.5,
    )  # fmt: skip


def _names(chance: random.Random) -> Names:
    return chance.choice([*[Names.EXACT] * 7, Names.FOLDS, Names.FOLDS, Names.DECOMPOSES])


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
    if draw < 0.004:
        verb = Verb.MANY
        device = 0 if solo else device
    elif draw < 0.15:
        verb = chance.choice(_OF_DEVICES)
    elif draw < 0.19:
        verb = chance.choice(_OF_THE_SERVER)
    else:
        verb = chance.choice(_OFTEN if draw < 0.6 else _NOW_AND_THEN)
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
