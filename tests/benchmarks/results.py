"""What came of a run: samples of each contender, their medians and ratios; to and from JSON."""

import json
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from tests.benchmarks.contender import DREAMSYNC, LIMIT
from tests.benchmarks.workloads.workload import Against, Measure, Target


@dataclass(frozen=True, slots=True)
class Samples:
    """Of one contender for one measure, in the order of the tries."""

    values: tuple[float, ...]

    @property
    def median(self) -> float:
        return median(self.values)

    @property
    def lowest(self) -> float:
        return min(self.values)

    @property
    def highest(self) -> float:
        return max(self.values)


@dataclass(slots=True)
class Result:
    """One measure of one workload; `by_contender` has whoever was measured."""

    workload: str
    title: str
    measure: Measure
    by_contender: dict[str, Samples] = field(default_factory=dict)

    @property
    def ours(self) -> Samples | None:
        return self.by_contender.get(DREAMSYNC)

    @property
    def limit(self) -> Samples | None:
        return self.by_contender.get(LIMIT)

    @property
    def fastest_peer(self) -> tuple[str, Samples] | None:
        peers = {n: s for n, s in self.by_contender.items() if n not in (DREAMSYNC, LIMIT)}
        return min(peers.items(), key=lambda item: item[1].median) if peers else None

    def ratio_to(self, against: Against) -> float | None:
        """dreamsync's median over the other's; for `VALUE` the median itself."""
        if self.ours is None:
            return None
        if against is Against.VALUE:
            return self.ours.median
        peer = self.fastest_peer
        other = self.limit if against is Against.LIMIT else peer[1] if peer else None
        return self.ours.median / other.median if other is not None and other.median else None

    def met(self, target: Target) -> bool | None:
        """None where it could not be told: whoever is compared with did not take part."""
        ratio = self.ratio_to(target.against)
        return None if ratio is None else target.met_by(ratio)


def machine() -> dict[str, str]:
    return {
        "system": platform.platform(),
        "python": platform.python_version(),
        "processors": str(os.cpu_count()),
    }


def to_json(results: Sequence[Result], *, when: str, size: str) -> dict[str, object]:
    return {
        f"{result.workload}/{result.measure.key}": {
            "when": when,
            "size": size,
            "machine": machine(),
            "title": result.title,
            "measure": result.measure.title,
            "unit": result.measure.unit,
            "targets": {str(target): result.met(target) for target in result.measure.targets},
            "ratios": {
                against.value: result.ratio_to(against)
                for against in (Against.PEER, Against.LIMIT)
                if result.ratio_to(against) is not None
            },
            "contenders": {
                name: {
                    "median": samples.median,
                    "lowest": samples.lowest,
                    "highest": samples.highest,
                    "samples": list(samples.values),
                }
                for name, samples in result.by_contender.items()
            },
        }
        for result in results
    }


def save_json(path: Path, fresh: Mapping[str, object]) -> dict[str, object]:
    """Measures run now replace those of before; others stay, each with its own date."""
    known: dict[str, object] = json.loads(path.read_text()) if path.exists() else {}
    document = {**known, **fresh}
    path.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n")
    return document
