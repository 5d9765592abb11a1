"""Clocks that differ while the computer sleeps."""

import sys
import time


def awake_seconds() -> float:
    """Passes only while the computer is awake."""
    return _awake()


def elapsed_seconds() -> float:
    """Passes while it sleeps, too; nobody can set it."""
    return _elapsed()


if sys.platform == "win32":
    import ctypes

    def _awake() -> float:
        counter = ctypes.c_ulonglong()
        ctypes.windll.kernel32.QueryUnbiasedInterruptTime(ctypes.byref(counter))
        return counter.value / 1e7

    def _elapsed() -> float:
        """Whichever counter Python takes there, it counts on."""
        return time.monotonic()

elif sys.platform == "darwin":

    def _awake() -> float:
        return time.monotonic()

    def _elapsed() -> float:
        """Unlike Python's own monotonic clock, the one of this name counts on."""
        return time.clock_gettime(time.CLOCK_MONOTONIC)

else:

    def _awake() -> float:
        return time.monotonic()

    def _elapsed() -> float:
        return time.clock_gettime(time.CLOCK_BOOTTIME)
