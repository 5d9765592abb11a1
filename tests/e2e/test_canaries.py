"""Secrets are found where they are kept and nowhere else, whatever is logged.

Real processes at `DREAMSYNC_LOG=debug` sign in (also wrongly), send and fetch small and large files
and fail; then every file and every word that they left behind is searched.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from dreamsync.core.status import State
from tests.support.e2e import PASSWORD, Instance, Workbench, wait_until

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.security(4),
    pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux's"),
]

WRONG, OTHER = "canary-wrong-4712", "canary-other-4713"
SIGNED = re.compile(rb"signature=[0-9a-f]{8}|signature%3D[0-9a-f]{8}")
_LISTENING = "0A"
TOKEN = re.compile(rb"eyJ[\w-]{10,}\.[\w-]{10,}")


@pytest.fixture
def talkative(workbench: Workbench) -> Workbench:
    workbench.environment["DREAMSYNC_LOG"] = "debug"
    return workbench


@pytest.mark.security(6)
@pytest.mark.security(7)
def test_no_secret_is_left_where_it_does_not_belong(talkative: Workbench) -> None:
    server = talkative.server()
    talkative.instance("stranger").login(server, password=WRONG, codes=None)
    one, other = (talkative.device(name, server) for name in ("one", "other"))
    secrets = {tokens_of(one), tokens_of(other)}
    (one.folder / "small.txt").write_text("small")
    (one.folder / "large.bin").write_bytes(bytes(range(256)) * 40_000)
    for number in range(20):
        (one.folder / f"{number}.txt").write_text(str(number))
    wait_until((other.folder / "large.bin").exists, "the large file")
    other.wait_idle()
    server.kill()
    (one.folder / "while away.txt").write_text("x")
    server.start()
    one.command("devices", "revoke", "other")
    wait_until(lambda: other.status().state is State.SIGNED_OUT, "the revocation")
    one.wait_idle()
    said = told_by(one)
    secrets |= {tokens_of(one), tokens_of(other)}
    assert listening_ports(one.process.pid) == set()
    assert others_may_read(one, server.data) == []
    server.stop()

    assert "dreamsync.server.access" in server.process.words()
    for where, text in (*left_behind(talkative.folder), ("said", said)):
        assert not SIGNED.search(text), where
        assert not TOKEN.search(text), where
        for secret in (PASSWORD, WRONG, *(token for pair in secrets for token in pair)):
            assert secret.encode() not in text, where


def listening_ports(pid: int) -> set[str]:
    """Addresses at which a process waits for TCP connections; none where /proc is not there."""
    open_files = {os.readlink(each) for each in Path(f"/proc/{pid}/fd").glob("*")}
    return {
        fields[1]
        for table in ("tcp", "tcp6")
        for fields in map(str.split, Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:])
        if fields[3] == _LISTENING and f"socket:[{fields[9]}]" in open_files
    }


def others_may_read(device: Instance, data: Path) -> list[Path]:
    """Files of ours that are not their owner's alone; the synced folder has the person's modes."""
    ours = [*Path(device.paths.state).rglob("*"), *Path(device.paths.logs).rglob("*")]
    ours += [*(device.folder / ".dreamsync").rglob("*.json"), *data.rglob("*")]
    ours += [Path(device.paths.config_file)]
    return [path for path in ours if path.is_file() and path.stat().st_mode & 0o077]


def tokens_of(device: Instance) -> tuple[str, ...]:
    kept = Path(device.paths.secrets_file)
    tokens = json.loads(kept.read_text()) if kept.exists() else {}
    return tuple(str(tokens[name]) for name in ("access", "refresh") if tokens.get(name))


def told_by(device: Instance) -> bytes:
    """What a person would send along with a question."""
    asked = (
        ("status", "--json"), ("doctor", "--json"), ("logs",),
    )  # fmt: skip
    answers = [device.command(*arguments, codes=None) for arguments in asked]
    return "\n".join(f"{answer.out}\n{answer.err}" for answer in answers).encode()


def left_behind(folder: Path) -> Iterator[tuple[Path, bytes]]:
    """Every file but those that tokens are kept in: logs, output, journals, databases, blobs."""
    for path in folder.rglob("*"):
        if path.is_file() and not path.is_symlink() and path.name != "secrets.json":
            yield path, path.read_bytes()


CRASH = f"""
import sys
from dreamsync.config.settings import LogLevel
from dreamsync.daemon.crash import install_crash_hooks
from dreamsync.daemon.logs import start_logging

start_logging(sys.argv[1], LogLevel.INFO)
install_crash_hooks(sys.argv[1])
raise ValueError("PUT https://bucket.example/b?X-Amz-Signature={OTHER} token={OTHER}")
"""


def test_a_crash_tells_no_secret(talkative: Workbench) -> None:
    log = talkative.folder / "logs" / "crash.log"
    run = subprocess.run(
        [sys.executable, "-c", CRASH, str(log)],
        env=talkative.environment,
        capture_output=True,
        check=False,
    )

    assert run.returncode == 1
    assert b"ValueError: PUT https://bucket.example/b?***" in log.read_bytes()
    assert OTHER.encode() not in run.stdout + run.stderr + log.read_bytes()
