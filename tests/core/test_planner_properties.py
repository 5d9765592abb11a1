"""What holds of every plan, whatever people did on both sides.

Each example starts from a tree both sides agree on and perturbs the sides at random. Examples are
derandomized, at least 5,000 in all: a failure is replayed by running the test again. A longer
search at random, which prints how to replay what it finds, is
`pytest tests/core --hypothesis-profile=long`.
"""

import random
from collections.abc import Collection, Sequence
from dataclasses import replace

import pytest
from hypothesis import given, is_hypothesis_test, settings
from hypothesis import strategies as st

from dreamsync.core.decisions import Policy
from dreamsync.core.nodes import ROOT, Kind
from dreamsync.core.operations import (
    Adopt,
    Detach,
    Download,
    Forget,
    MoveRemote,
    Operation,
    Pair,
    SetAside,
    Upload,
)
from tests.support.model import MOST_ITERATIONS, Device
from tests.support.model_server import ModelServer, Refused
from tests.support.perturb import (
    PURE_MOVES,
    Action,
    Verb,
    act_on_device,
    act_on_server,
    actions,
)
from tests.support.trees import MemoryTrees

SEEDLINGS = st.lists(actions((Verb.CREATE, Verb.MAKE_FOLDER)), min_size=1, max_size=9)
CHANGES = st.lists(actions(), max_size=6)
MOVES = st.lists(actions(PURE_MOVES), max_size=6)


def agreed(seedlings: Sequence[Action]) -> Device:
    """A device and a server that agree; each file has bytes of its own."""
    server = ModelServer()
    for number, action in enumerate(seedlings):
        act_on_server(server, Action(action.verb, 0, action.where, action.name, f"old{number}"))
    device = Device(MemoryTrees(), server)
    device.agree_on_everything()
    return device


def assert_converged(device: Device) -> None:
    trees = device.trees
    assert device.tree() == device.server.tree()
    assert trees.locals.keys() == trees.remotes.keys() == trees.bases.keys()
    assert not trees.tombstones
    for node, base in trees.bases.items():
        local, remote = trees.locals[node], trees.remotes[node]
        assert (base.parent, base.name) == (remote.parent, remote.name)
        assert (base.parent, base.name) == (local.parent, local.name)
        assert base.version == remote.version
        assert base.content == remote.content
        assert base.kind is Kind.FOLDER or base.fingerprint == local.fingerprint
    assert device.step() == ()


def tokens(tree: dict[str, str | None]) -> set[str]:
    return {token for token in tree.values() if token is not None}


@pytest.mark.promise(1, 4)
@given(SEEDLINGS, CHANGES, CHANGES, CHANGES)
def test_planning_ends_in_agreement_and_loses_nothing_new(
    seedlings: list[Action], both: list[Action], here: list[Action], there: list[Action]
) -> None:
    device = agreed(seedlings)
    old = tokens(device.tree())
    for action in [*both, *here]:
        act_on_device(device, action)
    for action in [*both, *there]:
        act_on_server(device.server, action)
    new = (tokens(device.tree()) | tokens(device.server.tree())) - old

    device.settle()

    assert_converged(device)
    assert new <= tokens(device.tree())


@pytest.mark.promise(1, 2)
@given(SEEDLINGS, CHANGES, CHANGES)
def test_what_neither_side_deleted_or_edited_is_still_there(
    seedlings: list[Action], here: list[Action], there: list[Action]
) -> None:
    device = agreed(seedlings)
    for action in here:
        act_on_device(device, action)
    for action in there:
        act_on_server(device.server, action)
    on_both = tokens(device.tree()) & tokens(device.server.tree())

    device.settle()

    assert on_both <= tokens(device.tree())


@pytest.mark.promise(7)
@given(SEEDLINGS, CHANGES)
def test_a_change_on_the_server_alone_lands_exactly(
    seedlings: list[Action], there: list[Action]
) -> None:
    device = agreed(seedlings)
    for action in there:
        act_on_server(device.server, action)
    wanted = device.server.tree()

    device.settle()

    assert_converged(device)
    assert device.tree() == wanted


@pytest.mark.promise(7)
@given(SEEDLINGS, CHANGES)
def test_a_change_here_alone_lands_exactly(seedlings: list[Action], here: list[Action]) -> None:
    device = agreed(seedlings)
    for action in here:
        act_on_device(device, action)
    wanted = device.tree()

    device.settle()

    assert_converged(device)
    assert device.server.tree() == wanted


@given(SEEDLINGS, CHANGES, CHANGES)
def test_a_server_that_cannot_move_is_never_asked_to(
    seedlings: list[Action], here: list[Action], there: list[Action]
) -> None:
    device = agreed(seedlings)
    device.policy = Policy("laptop", moves_remotely=False)
    for action in here:
        act_on_device(device, action)
    for action in there:
        act_on_server(device.server, action)

    device.settle()

    assert_converged(device)
    assert not [done for done in device.done if isinstance(done, MoveRemote)]


@pytest.mark.promise(6)
@given(SEEDLINGS, CHANGES)
def test_a_change_on_the_server_alone_writes_nothing_there(
    seedlings: list[Action], there: list[Action]
) -> None:
    device = agreed(seedlings)
    for action in there:
        act_on_server(device.server, action)
    before = dict(device.server.nodes)

    device.settle()

    assert device.server.nodes == before


@pytest.mark.promise(7)
@pytest.mark.fault("created alike")
@given(SEEDLINGS, CHANGES)
def test_the_same_changes_on_both_sides_are_adopted(
    seedlings: list[Action], changes: list[Action]
) -> None:
    device = agreed(seedlings)
    bases = dict(device.trees.bases)
    for action in changes:
        act_on_server(device.server, action)
    device.trees.locals.clear()
    device.agree_on_everything()
    device.trees.bases = bases
    before = dict(device.server.nodes)

    device.settle()

    assert_converged(device)
    assert device.server.nodes == before
    assert not [done for done in device.done if isinstance(done, Upload | Download | SetAside)]


@pytest.mark.promise(7)
@given(SEEDLINGS)
def test_a_device_that_joins_with_equal_files_adopts_them(seedlings: list[Action]) -> None:
    joining = copy_without_base(agreed(seedlings))
    before = dict(joining.server.nodes)

    joining.settle()

    assert_converged(joining)
    assert joining.server.nodes == before
    assert not [done for done in joining.done if isinstance(done, Upload | Download | SetAside)]


@pytest.mark.promise(11)
@given(SEEDLINGS, CHANGES)
def test_a_device_that_joins_with_other_files_deletes_nothing(
    seedlings: list[Action], changes: list[Action]
) -> None:
    joining = copy_without_base(agreed(seedlings))
    for action in changes:
        act_on_device(joining, action)
    everything = tokens(joining.tree()) | tokens(joining.server.tree())

    joining.settle()

    assert_converged(joining)
    assert everything <= tokens(joining.tree())


def copy_without_base(device: Device) -> Device:
    """A new device on the same server whose disk holds what the other's does, still unread."""
    joining = Device(MemoryTrees(), device.server, Policy("phone"))
    fresh = {node: joining.trees.new_key() for node in sorted(device.trees.locals)}
    for node, entry in device.trees.locals.items():
        joining.trees.locals[fresh[node]] = replace(
            entry, parent=fresh.get(entry.parent, ROOT), content=None
        )
        joining.trees.bytes_on_disk[fresh[node]] = device.trees.bytes_on_disk[node]
    return joining


@pytest.mark.promise(16)
@given(SEEDLINGS, MOVES, MOVES)
def test_moves_send_no_bytes(
    seedlings: list[Action], here: list[Action], there: list[Action]
) -> None:
    device = agreed(seedlings)
    before = sorted(tokens(device.tree()))
    for action in here:
        act_on_device(device, action)
    for action in there:
        act_on_server(device.server, action)

    device.settle()

    assert_converged(device)
    assert not [done for done in device.done if isinstance(done, Upload | Download | SetAside)]
    assert sorted(tokens(device.tree())) == before


@pytest.mark.promise(4, 25)
@given(SEEDLINGS, st.lists(st.tuples(CHANGES, CHANGES), min_size=1, max_size=3), st.integers(0, 99))
def test_operations_that_fail_while_people_go_on_end_in_agreement(
    seedlings: list[Action], rounds: list[tuple[list[Action], list[Action]]], seed: int
) -> None:
    device, chance = agreed(seedlings), random.Random(seed)
    for here, there in rounds:
        operations = noted_at_once(device, device.step())
        chance.shuffle(operations)
        for action in here:
            act_on_device(device, action)
        for action in there:
            act_on_server(device.server, action)
        for operation in operations:
            if chance.random() < 0.6:
                execute_if_allowed(device, operation)

    device.settle()

    assert_converged(device)


@pytest.mark.promise(4)
@given(SEEDLINGS, CHANGES, CHANGES, st.integers(0, 99))
def test_any_window_of_dirty_nodes_makes_progress(
    seedlings: list[Action], here: list[Action], there: list[Action], seed: int
) -> None:
    device, chance = agreed(seedlings), random.Random(seed)
    for action in here:
        act_on_device(device, action)
    for action in there:
        act_on_server(device.server, action)
    for _ in range(30):
        nodes = sorted(device.trees.nodes())
        window = chance.sample(nodes, chance.randint(0, len(nodes)))
        for operation in device.step(window):
            execute_if_allowed(device, operation)

    device.settle()

    assert_converged(device)


@pytest.mark.promise(3)
@pytest.mark.fault("move and move")
@given(
    SEEDLINGS,
    st.lists(st.tuples(st.integers(0, 2), actions()), max_size=10),
    st.integers(2, 3),
    st.integers(0, 99),
)
def test_devices_on_one_server_end_in_one_tree(
    seedlings: list[Action], changes: list[tuple[int, Action]], count: int, seed: int
) -> None:
    chance = random.Random(seed)
    first = agreed(seedlings)
    devices = [first]
    for number in range(1, count):
        other = Device(MemoryTrees(), first.server, Policy(f"phone{number}"))
        other.agree_on_everything()
        devices.append(other)
    for who, action in changes:
        act_on_device(devices[who % count], action)
        if chance.random() < 0.5:
            advance(chance.choice(devices), chance)

    settle_all(devices, chance)

    for device in devices:
        assert_converged(device)


def noted_at_once(device: Device, operations: Collection[Operation]) -> list[Operation]:
    """Carries out what changes the journal alone, in the step that planned it; answers the rest."""
    for operation in operations:
        if isinstance(operation, Adopt | Pair | Forget | Detach):
            device.execute(operation)
    return [each for each in operations if not isinstance(each, Adopt | Pair | Forget | Detach)]


def advance(device: Device, chance: random.Random) -> bool:
    """One plan, of which some operations are not carried out; whether there was anything to do."""
    operations = list(device.step())
    for operation in operations:
        if chance.random() < 0.8:
            execute_if_allowed(device, operation)
    return bool(operations)


def settle_all(devices: list[Device], chance: random.Random) -> None:
    for _ in range(MOST_ITERATIONS):
        busy = [advance(device, chance) for device in devices]
        if not any(busy):
            return
    raise AssertionError(f"devices do not come to rest; last: {devices[0].step()}")


def execute_if_allowed(device: Device, operation: Operation) -> None:
    try:
        device.execute(operation)
    except Refused:
        return


def test_at_least_five_thousand_cases_gate() -> None:
    properties = [each for each in globals().values() if is_hypothesis_test(each)]

    assert len(properties) * settings().max_examples >= 5_000
