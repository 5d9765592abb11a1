"""Running a mutant: the tests in a copy of the tree in which one rule is broken."""

import os
import re
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from tests.mutants.catalogue import ROOT, Mutant

LIMIT_SECONDS = 60.0
QUICK = (
    ("tests/core/test_reconcile_stories.py", "tests/core/test_differences.py"),
    ("tests/engine",),
    ("tests/local", "tests/core"),
    ("tests/simulation",),
)
"""Run one after the other, the quickest first, after the tests that a mutant names."""

_A_TEST = 25
"""Seconds for one test: broken code may go round for ever, and that is noticed as well."""

_COPIED = ("dreamsync", "tests", "docs", "pyproject.toml", "README.md")
_UNUSED = ("-p", "no:schemathesis")
"""A plugin that takes seconds to load."""

_FAILED = re.compile(r"^(?:FAILED|ERROR) (\S+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Outcome:
    """`killed_by` is the test that failed first; None where the mutant survived."""

    killed_by: str | None
    seconds: float
    said: str


def copy_tree(target: Path) -> None:
    for name in _COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, target / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target / name)


def run(mutant: Mutant, tree: Path, *, seconds: float = LIMIT_SECONDS) -> Outcome:
    """Break the copy, run its tests, mend it. Running out of time is surviving."""
    path = tree / mutant.file
    whole = path.read_text(encoding="utf-8")
    path.write_text(mutant.applied_to(whole), encoding="utf-8")
    began = time.monotonic()
    failed, said = None, ""
    try:
        for selection in filter(None, (mutant.tests, *QUICK)):
            said = _pytest(tree, selection, seconds - (time.monotonic() - began))
            failed = _FAILED.search(said)
            if failed is not None:
                break
    finally:
        path.write_text(whole, encoding="utf-8")
    took = round(time.monotonic() - began, 1)
    return Outcome(failed.group(1) if failed else None, took, said)


def _pytest(tree: Path, selection: tuple[str, ...], seconds: float) -> str:
    """In another process, whose `dreamsync` is the copy."""
    options = ["-x", "-q", "-p", "no:cacheprovider", *_UNUSED, f"--timeout={_A_TEST}"]
    command = [sys.executable, "-m", "pytest", *options, *selection]
    environment = {**os.environ, "PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        done = subprocess.run(
            command,
            cwd=tree,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=seconds,
            text=True,
            errors="replace",
            check=False,
        )
    except subprocess.TimeoutExpired as late:
        return (late.stdout or b"").decode(errors="replace") if late.stdout else ""
    return done.stdout
