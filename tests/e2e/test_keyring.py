"""The sign-in in a real gnome-keyring: kept across sessions, locked, and not there."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from dreamsync.core.status import Reason, State
from tests.support.e2e import EMAIL, PASSWORD, Answer, Instance, Workbench, wait_until
from tests.support.gnome_keyring import Desktop, desktop_with_keyring

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(sys.platform != "linux", reason="a keyring of Linux"),
]


@pytest.mark.security(5)
def test_a_sign_in_survives_the_session_and_waits_for_a_locked_keyring(
    workbench: Workbench, tmp_path: Path
) -> None:
    server = workbench.server()
    a = workbench.instance("a")
    with desktop_with_keyring(workbench.environment, tmp_path, locked=False) as first:
        in_session(a, first)
        login(a, server.url)
        a.start()
        assert a.wait_idle().secrets == "keyring"
        a.stop()
    assert tokens_on_disk(workbench.folder) == []

    with desktop_with_keyring(workbench.environment, tmp_path, locked=True) as second:
        in_session(a, second)
        a.start()
        told = wait_until(locked_out(a), "it to say that the keyring is locked")
        assert "Unlock it" in told
        (a.folder / "note.txt").write_text("written while locked")
        wait_until(lambda: a.status().pending, "the change to be noted")
        answer = a.command("status", codes=(3,), seconds=20)
        assert "keyring" in answer.out
        assert "--secrets file" in answer.out
        assert "Signed out" not in answer.out

        second.unlock()
        a.wait_idle(seconds=120)
        a.stop()


def test_without_a_keyring_the_way_out_is_named(workbench: Workbench) -> None:
    a = workbench.instance("a")

    refused = login(a, workbench.server().url, codes=(1,))

    assert refused.err.startswith("Error: There is no keyring on this system that works")
    assert "--secrets file" in refused.err
    assert not a.folder.exists()


def in_session(device: Instance, desktop: Desktop) -> None:
    device.environment = {
        **desktop.environment, "DREAMSYNC_HOME": device.environment["DREAMSYNC_HOME"],
    }  # fmt: skip


def login(device: Instance, url: str, *, codes: tuple[int, ...] = (0,)) -> Answer:
    arguments = ("login", url, "--email", EMAIL, "--password-stdin", "--folder", str(device.folder))
    return device.command(*arguments, stdin=PASSWORD + "\n", codes=codes)


def locked_out(device: Instance) -> Callable[[], str | None]:
    def told() -> str | None:
        status = device.status()
        hints = [one.hint for one in status.problems if one.reason is Reason.KEYRING]
        return hints[0] if hints and status.state is State.ATTENTION else None

    return told


def tokens_on_disk(folder: Path) -> list[Path]:
    return [one for one in folder.rglob("secrets.json") if one.is_file()]
