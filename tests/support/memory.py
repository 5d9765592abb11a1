"""Resident memory of a process, from Linux's /proc. Sizes in bytes."""

from pathlib import Path


def resident(pid: int) -> int:
    """Now."""
    return _field(pid, "VmRSS")


def peak_resident(pid: int) -> int:
    """The most since the process began, or since `forget_peak`."""
    return _field(pid, "VmHWM")


def forget_peak(pid: int) -> None:
    Path(f"/proc/{pid}/clear_refs").write_text("5")


def _field(pid: int, name: str) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        key, _, value = line.partition(":")
        if key == name:
            return int(value.split()[0]) * 1024
    raise ValueError(f"process {pid} tells no {name}")
