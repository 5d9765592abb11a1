"""A git repository worked on in one folder is a sound repository in the other."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.support.e2e import Instance, Workbench, wait_until

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

_ROUNDS, _ROUNDS_FULL = 6, 40


@pytest.mark.promise(3)
def test_a_repository_worked_on_arrives_sound(workbench: Workbench, full: bool) -> None:
    server = workbench.server()
    a, b = workbench.device("a", server), workbench.device("b", server)
    work = _Work(a.folder / "project", workbench.environment)

    work.begin()
    for number in range(_ROUNDS_FULL if full else _ROUNDS):
        work.round(number)
        if number % 3 == 0:
            _settle(a, b)
    work.git("gc", "--quiet", "--prune=now")
    _settle(a, b)

    copy = _Work(b.folder / "project", workbench.environment)
    assert copy.git("fsck", "--full", "--strict", "--no-dangling") == ""
    assert copy.git("log", "--all", "--format=%H %s") == work.git("log", "--all", "--format=%H %s")
    assert copy.git("status", "--porcelain") == ""
    assert _conflict_copies(a) == _conflict_copies(b) == []
    commits = work.git("rev-list", "--all", "--count").strip()
    print(f"{commits} commits, {len(_files(b.folder))} files, the same log in both")


class _Work:
    """What a person does with git, in `folder`."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self._folder = folder
        self._environment = {
            **environment,
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_AUTHOR_NAME": "Mina",
            "GIT_AUTHOR_EMAIL": "mina@example.com",
            "GIT_COMMITTER_NAME": "Mina",
            "GIT_COMMITTER_EMAIL": "mina@example.com",
        }

    def git(self, *arguments: str) -> str:
        done = subprocess.run(
            ["git", "-c", "gc.auto=0", "-c", "safe.directory=*", *arguments],
            cwd=self._folder,
            env=self._environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, (arguments, done.stdout, done.stderr)
        return done.stdout

    def begin(self) -> None:
        self._folder.mkdir()
        self.git("init", "--quiet", "--initial-branch=main")
        for number in range(30):
            self._write(f"src/module {number}.py", f"value = {number}\n" * 40)
        self._commit("Begin")

    def round(self, number: int) -> None:
        """Branch, edit, move, delete, commit twice, back, edit, merge, drop the branch."""
        branch = f"topic-{number}"
        self.git("checkout", "--quiet", "-b", branch)
        self._write(f"src/new {number}.py", f"new = {number}\n")
        self._write(f"src/module {number % 30}.py", f"changed = {number}\n" * 40)
        self._commit(f"Change {number}")
        self.git("mv", f"src/new {number}.py", f"src/moved {number}.py")
        self._commit(f"Move {number}")
        self.git("checkout", "--quiet", "main")
        self._write(f"docs/note {number}.md", f"# {number}\n")
        self._commit(f"Note {number}")
        self.git("merge", "--quiet", "--no-ff", "-m", f"Merge {number}", branch)
        self.git("branch", "--quiet", "-d", branch)

    def _write(self, path: str, text: str) -> None:
        target = self._folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)

    def _commit(self, subject: str) -> None:
        self.git("add", "--all")
        self.git("commit", "--quiet", "-m", subject)


def _settle(a: Instance, b: Instance) -> None:
    """Until both have the same; a hold is answered as the person would who ran git."""

    def same() -> bool:
        if a.confirm_holds() or b.confirm_holds():
            return False
        a.wait_idle(seconds=1)
        b.wait_idle(seconds=1)
        return _files(a.folder) == _files(b.folder)

    wait_until(same, "both folders to be the same", seconds=180)


def _files(folder: Path) -> dict[str, int]:
    """Paths with sizes, and folders with none."""
    found: dict[str, int] = {}
    for place, folders, files in os.walk(folder):
        if ".dreamsync" in folders:
            folders.remove(".dreamsync")
        for name in files:
            path = Path(place, name)
            try:
                found[str(path.relative_to(folder))] = path.stat().st_size
            except FileNotFoundError:
                found[str(path.relative_to(folder))] = -1
        found[str(Path(place).relative_to(folder))] = -2
    return found


def _conflict_copies(device: Instance) -> list[str]:
    return [path for path in _files(device.folder) if "(conflict " in path]
