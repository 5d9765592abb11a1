"""`autostart` over the files of a Linux desktop without systemd."""

import os
import sys
from pathlib import Path

import pytest

from dreamsync.config.file import save_config
from dreamsync.config.paths import InstancePaths
from dreamsync.config.settings import AccountSettings, Config, FolderSettings
from dreamsync.desktop.autostart import linux
from tests.cli.conftest import Call

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="its entries are files on Linux")


@pytest.fixture(autouse=True)
def config_home(tmp_path: Path, paths: InstancePaths, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setattr(linux, "has_systemd", lambda: False)
    account = AccountSettings("http://127.0.0.1:9", "mina@example.com", "acc", "dev", "laptop")
    save_config(Config(account, FolderSettings(str(tmp_path / "folder"))), paths.config_file)
    return tmp_path / "config"


def test_it_is_off_then_on_then_off_again(call: Call, config_home: Path) -> None:
    assert call("autostart", "status").out.startswith("dreamsync does not start at login.")

    switched_on = call("autostart", "on")
    assert switched_on.out.startswith("dreamsync starts at login from now on.\n  Syncing    on  ")
    assert call("autostart", "status").out.startswith("dreamsync starts at login.\n")

    assert call("autostart", "off").out.count(str(config_home)) == 2
    assert call("autostart", "off").out == "dreamsync did not start at login.\n"


def test_programs_read_the_same(call: Call, config_home: Path) -> None:
    assert call("autostart", "status", "--json").document["autostart"] == "off"
    document = call("autostart", "on", "--json").document
    assert document["autostart"] == "on"
    items = document["items"]
    assert isinstance(items, list)
    assert [(one["part"], one["state"]) for one in items] == [("daemon", "on"), ("tray", "on")]
    assert items[0]["command"][0] == sys.executable
    assert os.path.exists(items[1]["place"])
    assert call("autostart", "off", "--json").document["autostart"] == "off"


def test_a_program_that_is_gone_needs_attention(call: Call, config_home: Path) -> None:
    call("autostart", "on")
    for entry in config_home.rglob("*.desktop"):
        entry.write_text(entry.read_text().replace(sys.executable, "/gone/python"))

    printed = call("autostart", "status")
    assert printed.code == 3
    assert printed.out.count("points at an executable that is gone") == 2
    assert "dreamsync autostart on" in printed.out
    assert call("autostart", "status", "--json").document["autostart"] == "executable-gone"


def test_what_somebody_changed_is_told(call: Call, config_home: Path) -> None:
    call("autostart", "on")
    (tray,) = config_home.rglob("*-tray.desktop")
    tray.write_text(tray.read_text() + "Hidden=true\n")

    printed = call("autostart", "status")
    assert printed.code == 3
    assert "was changed" in printed.out
