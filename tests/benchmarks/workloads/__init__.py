"""What is measured, a file for each workload; in full and in quick size."""

from tests.benchmarks.workloads.crossing import large_file_crossing, small_files_crossing
from tests.benchmarks.workloads.idle import Idle
from tests.benchmarks.workloads.large_space import LargeSpace
from tests.benchmarks.workloads.latency import Latency
from tests.benchmarks.workloads.one_change import OneChange
from tests.benchmarks.workloads.push_devices import PushDevices
from tests.benchmarks.workloads.rename import FolderRename
from tests.benchmarks.workloads.small_change import SmallChange
from tests.benchmarks.workloads.starting import Starting
from tests.benchmarks.workloads.unchanged import Unchanged
from tests.benchmarks.workloads.workload import Workload

MIB = 1024 * 1024

FULL: tuple[Workload, ...] = (
    small_files_crossing(files=10_000),
    large_file_crossing(size=1024 * MIB),
    Latency(tries=10, burst=1000),
    Unchanged(files=100_000),
    Idle(files=100_000, folders=10_000, seconds=60),
    OneChange(few=1000, many=100_000),
    FolderRename(files=20_000),
    SmallChange(size=1024 * MIB),
    Starting(),
    LargeSpace(nodes=1_000_000),
    PushDevices(devices=1000),
)

QUICK: tuple[Workload, ...] = (
    small_files_crossing(files=500),
    large_file_crossing(size=64 * MIB),
    Unchanged(files=5_000),
    Starting(),
    PushDevices(devices=200),
)
"""Those whose ratios mean something in small size, and that take seconds."""
