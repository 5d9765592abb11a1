"""What a device stood on is gone or another's: server restored, journal lost, device revoked,
account switched. Nothing is deleted, and nothing reaches another account."""

from pathlib import Path

import pytest

from dreamsync.core.status import State
from tests.support.e2e import Instance, ServerProcess, Workbench, wait_until

pytestmark = [pytest.mark.e2e, pytest.mark.security(5)]

NORA, NORAS_PASSWORD = "nora@example.com", "another horse battery"


@pytest.fixture
def server(workbench: Workbench) -> ServerProcess:
    return workbench.server()


def tree(device: Instance) -> dict[str, str]:
    """Path to text of what is in the folder, ours left out."""
    return {
        str(path.relative_to(device.folder)): path.read_text()
        for path in device.folder.rglob("*")
        if path.is_file() and ".dreamsync" not in path.parts
    }


def in_sync(workbench: Workbench, server: ServerProcess, *names: str) -> list[Instance]:
    """Devices that all have five files."""
    devices = [workbench.device(name, server, run=False) for name in names]
    for number in range(5):
        (devices[0].folder / f"{number}.txt").write_text(f"content {number}")
    for device in devices:
        device.sync()
    assert all(len(tree(device)) == 5 for device in devices)
    return devices


def test_a_server_put_back_from_a_backup_gets_back_what_it_lost(
    workbench: Workbench, server: ServerProcess
) -> None:
    a, b = in_sync(workbench, server, "a", "b")
    backup = workbench.folder / "backup"
    server.admin("serve-admin", "backup", str(backup))
    (a.folder / "0.txt").write_text("edited after the backup")
    (a.folder / "new.txt").write_text("made after the backup")
    for device in (a, b):
        device.sync()
    expected = tree(a)

    server.stop()
    server.admin("serve-admin", "restore", str(backup))
    server.start()
    for device in (a, b):
        device.sync()

    assert tree(a) == expected
    assert tree(b) == expected


def test_a_lost_journal_deletes_nothing(workbench: Workbench, server: ServerProcess) -> None:
    (a,) = in_sync(workbench, server, "a")
    (a.folder / "0.txt").unlink()
    (a.folder / "1.txt").write_text("edited before the journal was lost")
    (a.folder / "new.txt").write_text("new")
    for file in Path(a.paths.state).glob("journal.sqlite*"):
        file.unlink()

    synced = a.sync().document

    assert synced["deleted"] == 0
    texts = sorted(tree(a).values())
    assert texts == sorted(
        [*(f"content {number}" for number in range(5)), "edited before the journal was lost", "new"]
    )


def test_a_revoked_device_keeps_its_files_and_sends_nothing(
    workbench: Workbench, server: ServerProcess
) -> None:
    a, b = in_sync(workbench, server, "a", "b")
    b.start()
    b.wait_idle()

    a.command("devices", "revoke", "b")
    wait_until(lambda: b.status().state is State.SIGNED_OUT, "b to hear of it", seconds=60)
    (b.folder / "private.txt").write_text("written after the revocation")
    (b.folder / "0.txt").unlink()
    assert b.command("sync", codes=None).code == 5
    assert b.command("status", codes=None).code == 5
    a.sync()

    assert "private.txt" not in tree(a)
    assert len(tree(a)) == 5
    assert len(tree(b)) == 5

    b.stop()
    b.login(server)
    b.sync()
    a.sync()
    assert tree(a) == tree(b)
    assert "private.txt" in tree(a)


def test_another_account_gets_a_folder_of_its_own_and_nothing_of_the_first(
    workbench: Workbench, server: ServerProcess
) -> None:
    server.add_user(NORA, NORAS_PASSWORD)
    a, b = in_sync(workbench, server, "a", "b")
    minas = tree(a)
    refused = a.login(server, email=NORA, password=NORAS_PASSWORD, codes=None)
    assert refused.code == 1
    assert "another account" in refused.err
    a.sync()
    assert tree(a) == minas

    where = ("--folder", str(a.home / "noras"), "--secrets", "file")
    a.command(
        "login", server.url, "--email", NORA, "--password-stdin", *where,
        stdin=NORAS_PASSWORD + "\n",
    )  # fmt: skip
    (a.home / "noras" / "hers.txt").write_text("nora's")
    a.sync()
    b.sync()

    witness = workbench.instance("witness")
    witness.login(server, email=NORA, password=NORAS_PASSWORD)
    witness.sync()
    assert tree(witness) == {"hers.txt": "nora's"}
    assert tree(a) == tree(b) == minas


def test_a_configuration_that_names_another_account_is_refused(
    workbench: Workbench, server: ServerProcess
) -> None:
    """As where somebody copies a configuration and its sign-in over another's."""
    server.add_user(NORA, NORAS_PASSWORD)
    (a,) = in_sync(workbench, server, "a")
    nora = workbench.instance("nora")
    nora.login(server, email=NORA, password=NORAS_PASSWORD)
    minas = tree(a)
    written = Path(nora.paths.config_file).read_text()
    mixed = written.replace(str(nora.folder), str(a.folder))
    Path(a.paths.config_file).write_text(mixed)
    Path(a.paths.secrets_file).write_bytes(Path(nora.paths.secrets_file).read_bytes())

    refused = a.command("sync", codes=None)

    assert (refused.code, "another account" in refused.err) == (78, True), refused
    assert tree(a) == minas
    nora.sync()
    assert tree(nora) == {}
