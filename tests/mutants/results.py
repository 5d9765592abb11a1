"""What became of the mutants in their last run: by which test each was caught, and how soon."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

RESULTS = Path(__file__).with_name("results.json")


@dataclass(frozen=True, slots=True)
class Killed:
    killed_by: str
    seconds: float


def read_results() -> dict[str, Killed]:
    if not RESULTS.exists():
        return {}
    noted = json.loads(RESULTS.read_text(encoding="utf-8"))
    return {name: Killed(**one) for name, one in noted.items()}


def write_results(results: Mapping[str, Killed]) -> None:
    noted = {name: asdict(results[name]) for name in sorted(results)}
    RESULTS.write_text(json.dumps(noted, indent=1) + "\n", encoding="utf-8")
