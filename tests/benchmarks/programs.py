"""Other people's programs: found, run in the isolated environment, and ended."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.benchmarks.contender import Usage

_ENDING_S = 10.0


def find_program(name: str) -> str | None:
    """In this Python's own environment first, where a package may have brought it."""
    beside = Path(sys.executable).parent / name
    return str(beside) if beside.exists() else shutil.which(name)


def needed(program: str, remedy: str) -> str | None:
    """A sentence for `Contender.missing`."""
    return None if find_program(program) else f"{program} is not installed: {remedy}"


_MEASURE = """
import json, os, resource, subprocess, sys, time
began = time.monotonic()
code = subprocess.call(sys.argv[1:], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
seconds = time.monotonic() - began
print(json.dumps([code, seconds, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss]))
"""
"""A small process between: the kernel counts a child's memory from that of who forked it."""


def run(arguments: Sequence[str], environment: Mapping[str, str]) -> Usage:
    """To its end. Raises `RuntimeError` with its last words where it fails."""
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", _MEASURE, *arguments],
        env=dict(environment),
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode != 0:
        raise RuntimeError(f"{arguments[0]} cannot be run: {done.stderr[-2000:]}")
    code, seconds, kilobytes = json.loads(done.stdout)
    if code != 0:
        raise RuntimeError(f"{arguments[0]} ended with {code}: {done.stderr[-2000:]}")
    return Usage(seconds, kilobytes * 1024)


@contextmanager
def running(
    arguments: Sequence[str], environment: Mapping[str, str], log: Path
) -> Iterator[subprocess.Popen[bytes]]:
    """A process in a session of its own, which is ended with all its children."""
    with log.open("ab") as output:
        process = subprocess.Popen(
            list(arguments),
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        _end(process)


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(_ENDING_S)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
