"""The plot for the README: workloads in which others took part, each as bars of medians."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

_COLOURS = {
    "dreamsync": "#1f6feb",
    "unison": "#8b949e",
    "syncthing": "#57606a",
    "rclone": "#b0b8c0",
    "limit": "#d4a72c",
}


def save_plot(document: Mapping[str, Any], path: Path) -> bool:
    """Of the saved JSON, as an SVG. False where the library is missing or nothing compares."""
    try:
        import matplotlib as mpl
    except ImportError:
        return False
    mpl.use("svg")
    from matplotlib import pyplot as plt

    compared = [one for one in document.values() if len(one["contenders"]) > 1]
    if not compared:
        return False
    figure, axes = plt.subplots(len(compared), 1, figsize=(8, 1.5 * len(compared)), squeeze=False)
    for axis, one in zip(axes[:, 0], compared, strict=True):
        _bars(axis, one)
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})
    plt.close(figure)
    return True


def _bars(axis: Any, one: Mapping[str, Any]) -> None:
    """One bar a contender, and a whisker from the lowest to the highest try."""
    by_median: Sequence[tuple[str, Mapping[str, float]]] = sorted(
        one["contenders"].items(), key=lambda item: float(item[1]["median"]), reverse=True
    )
    names = [name for name, _ in by_median]
    medians = [samples["median"] for _, samples in by_median]
    below = [samples["median"] - samples["lowest"] for _, samples in by_median]
    above = [samples["highest"] - samples["median"] for _, samples in by_median]
    colours = [_COLOURS.get(name, "#8b949e") for name in names]
    axis.barh(names, medians, xerr=[below, above], color=colours, ecolor="#24292f")
    axis.set_title(f"{one['title']}: {one['measure']} ({one['unit']})", fontsize=9, loc="left")
    axis.tick_params(labelsize=8)
    for side in ("top", "right"):
        axis.spines[side].set_visible(False)
