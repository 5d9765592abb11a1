"""The configuration file of a running daemon, changed in an editor."""

import time
from pathlib import Path

import pytest

from dreamsync.core.status import Reason, State, Status
from tests.support.e2e import Instance, Workbench, wait_until

pytestmark = pytest.mark.e2e


def test_a_change_is_taken_up_and_a_mistake_is_told_while_the_old_settings_stay(
    workbench: Workbench,
) -> None:
    a = workbench.device("a", workbench.server())
    a.wait_idle()
    file = Path(a.paths.config_file)
    sound = file.read_text()

    file.write_text(sound + "\n[network]\nupload_limit_kib = 'much'\n")
    told = wait_until(lambda: settings_problem(a), "the mistake to be told")
    assert told.state is State.ATTENTION
    assert "upload_limit_kib" in told.problems[0].message
    assert str(file) in told.problems[0].message
    (a.folder / "still.txt").write_text("still syncing")
    wait_until(lambda: a.status().files == 1 and not a.status().pending, "it to sync all the same")

    file.write_text(sound + "\n[network]\nupload_limit_kib = 1024\n")
    wait_until(lambda: a.status().state is State.IDLE, "the mistake to be over")
    begun = time.monotonic()
    (a.folder / "large.bin").write_bytes(bytes(range(256)) * 4 * 1024 * 3)
    wait_until(lambda: a.status().files == 2 and a.status().state is State.IDLE, "the file to go")
    assert time.monotonic() - begun > 1.5, "three MiB at one MiB a second"


def test_another_account_in_the_file_is_told_of_and_changes_nothing(workbench: Workbench) -> None:
    a = workbench.device("a", workbench.server())
    a.wait_idle()
    file = Path(a.paths.config_file)
    sound = file.read_text()
    elsewhere = str(workbench.folder / "elsewhere")

    file.write_text(sound.replace(str(a.folder), elsewhere))
    told = wait_until(lambda: settings_problem(a), "it to be told")
    assert told.folder == str(a.folder)
    assert "move-folder" in told.problems[0].hint

    file.write_text(sound)
    a.wait_idle()
    assert a.sync().document["problems"] == []


def settings_problem(device: Instance) -> Status | None:
    status = device.status()
    problems = [one for one in status.problems if one.reason is Reason.SETTINGS]
    return status if problems else None
