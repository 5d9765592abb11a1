"""A little changes in a large file, and a file is copied: bytes that go up and come down."""

import os
import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from tests.benchmarks.contender import DREAMSYNC, Contender
from tests.benchmarks.contenders.through_proxy import ProxiedPair, proxied_pair
from tests.benchmarks.inputs import large_file
from tests.benchmarks.workloads.workload import Figures, Measure, Trial, at_most
from tests.support.e2e import wait_until

MIB = 1024 * 1024
_CHANGE = MIB
_LONGEST_S = 600.0


@dataclass(frozen=True, slots=True)
class SmallChange:
    """`size`: of the large file, of which one MiB in the middle is written anew."""

    size: int

    name = "small-change"
    measures = (
        Measure("up", "sent up for the change", "MiB", at_most(17)),
        Measure("down", "came down to B for it", "MiB", at_most(17)),
        Measure("copy", "sent up for a copy of the file", "MiB", at_most(1)),
    )  # fmt: skip

    @property
    def title(self) -> str:
        return f"1 MiB changed in a file of {self.size // MIB:,} MiB, and the file copied"

    def prepare(self, contender: Contender, folder: Path) -> AbstractContextManager[Trial] | None:
        return self._trial(folder) if contender.name == DREAMSYNC else None

    @contextmanager
    def _trial(self, folder: Path) -> Iterator[Trial]:
        with proxied_pair(folder) as pair:
            tree = large_file(folder / "made", size=self.size, seed=1)
            (tree.made / "large.bin").rename(pair.a.folder / "large.bin")
            _arrives(pair, "large.bin")
            numbers = count()
            yield lambda: self._change(pair, next(numbers))

    def _change(self, pair: ProxiedPair, number: int) -> Figures:
        large, copy = pair.a.folder / "large.bin", pair.a.folder / f"copy {number}.bin"
        pair.proxy_a.up = pair.proxy_b.down = 0
        with large.open("r+b") as file:
            file.seek(self.size // 2)
            file.write(os.urandom(_CHANGE))
        _arrives(pair, "large.bin")
        up, down = pair.proxy_a.up / MIB, pair.proxy_b.down / MIB
        pair.proxy_a.up = 0
        shutil.copyfile(large, copy.with_suffix(".part"))
        copy.with_suffix(".part").rename(copy)
        _arrives(pair, copy.name)
        copied = pair.proxy_a.up / MIB
        copy.unlink()
        wait_until(lambda: not (pair.b.folder / copy.name).exists(), "the copy to go")
        return {"up": up, "down": down, "copy": copied}


def _arrives(pair: ProxiedPair, name: str) -> None:
    """By mtime, which a download sets last and exactly."""
    wanted = (pair.a.folder / name).stat().st_mtime_ns

    def there() -> bool:
        target = pair.b.folder / name
        return target.exists() and target.stat().st_mtime_ns == wanted

    wait_until(there, f"{name} in b", seconds=_LONGEST_S)
    for device in (pair.a, pair.b):
        device.wait_idle()
