"""Stories in which a process ends, and then the power fails."""

import random

import pytest

from dreamsync.engine.events import Pushed
from tests.simulation.file_system import FileSystem
from tests.support.devices import Device, World, jobs_on_nodes
from tests.support.simulated_disks import simulated


class _LosesAll(random.Random):
    """Of what was not flushed nothing is left."""

    def random(self) -> float:
        return 0.0


def _land_and_end(device: Device, files: FileSystem, path: str) -> None:
    """Its download goes as far as to the name, which nobody flushes, and is not noted."""
    (download,) = jobs_on_nodes(device, Pushed())
    while files.find(path) is None:
        next(download.effects)
    download.effects.close()
    device.restart()


@pytest.mark.promise(10)
@pytest.mark.fault("killed")
def test_what_a_killed_process_left_unflushed_is_durable_before_it_is_agreed_on(
    world: World,
) -> None:
    """What was deleted elsewhere meanwhile and is found here is new, and sent; lost with the power
    after that, it would be deleted everywhere."""
    a = world.device("a")
    b, files = simulated(world, "b")
    a.write("other.txt", "so that not all goes")
    a.sync()
    b.sync()
    a.write("note.txt", "one")
    a.sync()
    _land_and_end(b, files, "note.txt")
    (a.root / "note.txt").unlink()
    a.sync()
    b.sync()
    assert "note.txt" in world.live_paths()

    files.crash(_LosesAll())
    b.restart()
    b.sync()

    assert "note.txt" in world.live_paths()
    assert {path for path, _ in files.walk()} == {"note.txt", "other.txt"}
