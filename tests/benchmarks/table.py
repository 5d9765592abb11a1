"""The one table that a run prints."""

from collections.abc import Sequence

from rich import box
from rich.table import Table

from tests.benchmarks.results import Result, Samples
from tests.benchmarks.workloads.workload import Against

_MARKS = {True: "met", False: "missed", None: "not told"}


def make_table(results: Sequence[Result]) -> Table:
    """Medians with the lowest and highest try; ratios are of medians from the same run."""
    table = Table(box=box.SIMPLE_HEAD, title="dreamsync, its peers and the limit")
    table.add_column("measure", overflow="fold")
    for heading in ("dreamsync", "fastest peer", "ratio", "limit", "ratio"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("target", overflow="fold")
    workload = ""
    for result in results:
        if result.workload != workload:
            workload = result.workload
            table.add_section()
            table.add_row(f"[bold]{result.title}[/bold]")
        table.add_row(*_cells(result))
    return table


def _cells(result: Result) -> list[str]:
    unit, peer = result.measure.unit, result.fastest_peer
    return [
        f"  {result.measure.title}" + (f" ({unit})" if unit else ""),
        _samples(result.ours),
        f"{peer[0]} {_samples(peer[1])}" if peer else "",
        _ratio(result.ratio_to(Against.PEER)),
        _samples(result.limit),
        _ratio(result.ratio_to(Against.LIMIT)),
        "; ".join(f"{target}: {_MARKS[result.met(target)]}" for target in result.measure.targets),
    ]


def _samples(samples: Samples | None) -> str:
    if samples is None:
        return ""
    return f"{_number(samples.median)} ({_number(samples.lowest)}-{_number(samples.highest)})"


def _ratio(ratio: float | None) -> str:
    return "" if ratio is None else f"{ratio:.2f}"


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
