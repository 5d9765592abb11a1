"""Real processes of dreamsync without the second that each import of it costs.

A nursery is one process that has loaded the program and forks a child for each command; a child has
its own environment, session and output, as if it were started anew. POSIX only.
"""

import gc
import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import NoReturn, cast

from tests.support.failpoints import arm, named


@dataclass(frozen=True, slots=True)
class Child:
    """A running command; `log` has what it printed."""

    pid: int
    log: Path

    def words(self) -> str:
        return self.log.read_text(errors="replace")[-4000:]


class Nursery:
    """Use as a context manager. Not for several threads at once."""

    def __enter__(self) -> "Nursery":
        command = [sys.executable, "-m", "tests.support.nursery"]
        root = Path(__file__).parents[2]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=root
        )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.communicate(timeout=30)

    def start(
        self,
        arguments: Sequence[str],
        environment: Mapping[str, str],
        log: Path,
        *,
        failpoint: str | None = None,
    ) -> Child:
        """A new process that runs one command of dreamsync, armed with `failpoint` if there is."""
        wish = {
            "arguments": list(arguments),
            "environment": dict(environment),
            "log": str(log),
            "failpoint": failpoint,
        }
        return Child(self._ask({"start": wish}), log)

    def wait(self, child: Child) -> int:
        """Its exit code, -9 where it was killed; each child is waited for once."""
        return self._ask({"wait": child.pid})

    def _ask(self, question: Mapping[str, object]) -> int:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(question) + "\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())


def main() -> None:
    import dreamsync.cli.app
    import dreamsync.daemon.instance
    import dreamsync.daemon.without_daemon
    import dreamsync.server.serve  # noqa: F401

    gc.freeze()
    for line in sys.stdin:
        question = cast("dict[str, object]", json.loads(line))
        if "wait" in question:
            _, status = os.waitpid(cast("int", question["wait"]), 0)
            print(os.waitstatus_to_exitcode(status), flush=True)
            continue
        pid = os.fork()
        if pid == 0:
            _be_child(cast("dict[str, object]", question["start"]))
        print(pid, flush=True)


def _be_child(wish: dict[str, object]) -> NoReturn:
    os.setsid()
    os.environ.clear()
    os.environ.update(cast("dict[str, str]", wish["environment"]))
    nothing = os.open(os.devnull, os.O_RDONLY)
    log = os.open(str(wish["log"]), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for target, source in ((0, nothing), (1, log), (2, log)):
        os.dup2(source, target)
    if wish["failpoint"] is not None:
        arm(named(str(wish["failpoint"])))
    from dreamsync.cli.app import run

    sys.exit(run(cast("list[str]", wish["arguments"])))


if __name__ == "__main__":
    main()
