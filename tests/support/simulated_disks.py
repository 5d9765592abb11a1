"""Devices of which only the disk is simulated."""

import random
from collections import Counter

from tests.simulation.disk import SimDisk
from tests.simulation.faults import DiskFaults, Happenings
from tests.simulation.file_system import FileSystem
from tests.support.devices import Device, World


def simulated(
    world: World, name: str, *, folds_case: bool = False, decomposes: bool = False
) -> tuple[Device, FileSystem]:
    """A device whose disk is a simulated one."""
    device = world.device(name)
    ticks = iter(range(1, 1_000_000))
    files = FileSystem(now_ns=lambda: next(ticks), folds_case=folds_case, decomposes=decomposes)
    happenings = Happenings(name, (), Counter(), lambda _: None)
    faults = DiskFaults(random.Random(0), 0.0, happenings)
    disk = SimDisk(files, faults, now_ms=world.clock.now_ms, has_bit=True)
    device.disk = disk  # type: ignore[assignment] # another disk than this device begins with
    device.restart()
    return device, files
