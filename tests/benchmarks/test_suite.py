"""The suite itself, in tiny size: whoever is installed takes part, and what comes out is told."""

import io
import json
from pathlib import Path

import pytest
from rich.console import Console

from tests.benchmarks.contender import LIMIT
from tests.benchmarks.contenders import CONTENDERS
from tests.benchmarks.contenders.limit import Limit
from tests.benchmarks.results import Result, Samples, save_json, to_json
from tests.benchmarks.runner import run_workload
from tests.benchmarks.table import make_table
from tests.benchmarks.workloads import FULL, QUICK
from tests.benchmarks.workloads.crossing import small_files_crossing
from tests.benchmarks.workloads.unchanged import Unchanged
from tests.benchmarks.workloads.workload import Against, Measure, Target

pytestmark = pytest.mark.e2e


def test_a_tree_crosses_with_whoever_is_installed(tmp_path: Path) -> None:
    folder = tmp_path / "work"
    installed = [one for one in CONTENDERS if one.name != "syncthing" and not one.missing()]

    time, memory = run_workload(small_files_crossing(files=20), installed, folder, tries=1)

    assert set(time.by_contender) == {one.name for one in installed}
    assert set(memory.by_contender) == {"dreamsync"}
    assert time.limit is not None
    assert time.limit.median > 0
    assert not folder.exists()


def test_a_check_tells_time_and_memory(tmp_path: Path) -> None:
    seconds, memory = run_workload(Unchanged(files=50), [Limit()], tmp_path / "work", tries=2)

    assert seconds.limit is not None
    assert memory.limit is not None
    assert len(seconds.limit.values) == 2
    assert 0 < seconds.limit.median < 10
    assert 1 < memory.limit.median < 100


def test_ratios_are_of_medians_and_say_whether_a_target_is_met(tmp_path: Path) -> None:
    targets = (Target(Against.PEER, at_most=0.5), Target(Against.LIMIT, at_most=1.8))
    result = Result("work", "some work", Measure("seconds", "time", "s", targets))
    result.by_contender = {
        "dreamsync": Samples((4.0, 2.0, 3.0)),
        "slow": Samples((9.0,)),
        "quick": Samples((6.0, 7.0, 5.0)),
        LIMIT: Samples((1.0,)),
    }

    assert result.fastest_peer == ("quick", Samples((6.0, 7.0, 5.0)))
    assert [result.met(target) for target in targets] == [True, False]

    shown = io.StringIO()
    Console(file=shown, width=160).print(make_table([result]))
    assert "3 (2-4)" in shown.getvalue()
    assert "≤ 0.5 × fastest peer: met" in shown.getvalue()

    path = tmp_path / "results.json"
    save_json(path, {"earlier/seconds": {}})
    save_json(path, to_json([result], when="2026-01-01", size="tiny"))
    saved = json.loads(path.read_text())
    assert set(saved) == {"earlier/seconds", "work/seconds"}
    assert saved["work/seconds"]["ratios"] == {"fastest peer": 0.5, "limit": 3.0}


def test_every_workload_has_a_name_of_its_own() -> None:
    for size in (FULL, QUICK):
        assert len({workload.name for workload in size}) == len(size)
    assert {workload.name for workload in QUICK} <= {workload.name for workload in FULL}
