"""An instance in the file managers of its system, and what their menus start."""

import os
import stat
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from dreamsync.cli.access import Access
from dreamsync.cli.app import run
from dreamsync.config.paths import InstancePaths
from dreamsync.config.settings import Config, FolderSettings
from dreamsync.control.commands import CommandError, ErrorCode
from dreamsync.core.ignore import IgnoreRules, pattern_for
from dreamsync.core.nodes import Kind
from dreamsync.daemon import in_file_manager, menu_actions
from dreamsync.desktop.choosing import NoWindow, Question, choose
from tests.support.fake_commands import FakeCommands
from tests.support.notification_service import NotificationService, notification_service
from tests.support.session_bus import session_bus


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A person's, with programs that only note what they were asked."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("PATH", str(tmp_path / "programs"))
    monkeypatch.delenv("XDG_CURRENT_DESKTOP", raising=False)
    (tmp_path / "programs").mkdir()
    return tmp_path


@pytest.fixture
def messages(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[NotificationService]:
    with monkeypatch.context() as patch:
        patch.setenv("PATH", os.defpath)
        bus = session_bus({**os.environ})
        address = bus.__enter__()
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
    with notification_service(address) as one:
        yield one
    bus.__exit__(None, None, None)


def program(home: Path, name: str, *, says: str = "", code: int = 0) -> Path:
    """What it was called with is then in the file that is returned."""
    asked = home / f"{name}.asked"
    path = home / "programs" / name
    path.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" > "{asked}"\necho "{says}"\nexit {code}\n')
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return asked


def test_the_commands_add_tell_and_take_away(
    home: Path, paths: InstancePaths, config: Config, capsys: pytest.CaptureFixture[str]
) -> None:
    access = Access(paths)

    assert run(["desktop", "install"], access) == 0
    said = capsys.readouterr().out
    assert "on   Sidebar of GTK file managers" in said
    assert "off  Sidebar of Dolphin" in said
    bookmarks = home / "config/gtk-3.0/bookmarks"
    assert bookmarks.read_text() == Path(config.folder.path).as_uri() + "\n"

    assert run(["desktop", "status", "--json"], access) == 0
    assert '"part": "bookmark", "there": true' in capsys.readouterr().out
    assert run(["desktop", "remove"], access) == 0
    assert not bookmarks.exists()
    capsys.readouterr()
    assert run(["desktop", "status"], access) == 0
    assert capsys.readouterr().out.endswith("Change that with: dreamsync desktop install\n")
    assert list((home / "data").rglob("*dreamsync*")) == []


def test_the_daemon_makes_what_was_installed_follow_the_folder(
    home: Path, paths: InstancePaths, config: Config
) -> None:
    bookmarks = home / "config/gtk-3.0/bookmarks"
    in_file_manager.follow(paths, config)
    assert not bookmarks.exists()
    assert not in_file_manager.is_installed(paths, config)

    in_file_manager.install(paths, config)
    moved = replace(config, folder=FolderSettings("/media/disk/새 폴더"))
    in_file_manager.follow(paths, moved)
    assert in_file_manager.is_installed(paths, moved)

    assert bookmarks.read_text() == Path("/media/disk/새 폴더").as_uri() + "\n"


def test_a_version_is_chosen_in_a_window_and_restored(
    home: Path, paths: InstancePaths, messages: NotificationService
) -> None:
    commands = FakeCommands()
    asked = program(home, "zenity", says="0|0")

    menu_actions.show_history(commands, paths, "a.txt")

    assert commands.asked == [("restore", "a.txt", 2)]
    words = asked.read_text().splitlines()
    assert "--title=History of a.txt" in words
    assert "--ok-label=Restore this version" in words
    assert words[-4:] == ["0", words[-3], "9 bytes", "laptop"]
    assert "a.txt is on its way back" in messages.wait_for("Earlier version restored").text


def test_closing_the_window_restores_nothing(home: Path, paths: InstancePaths) -> None:
    commands = FakeCommands()
    asked = program(home, "kdialog", code=1)
    menu_actions.show_history(commands, paths, "a.txt")
    assert asked.exists()
    assert commands.asked == []


def test_without_such_a_program_the_history_is_a_text(home: Path, paths: InstancePaths) -> None:
    opened = program(home, "xdg-open")
    with pytest.raises(NoWindow):
        choose(Question("", "", [], [], "", ""))

    menu_actions.show_history(FakeCommands(), paths, "a.txt")

    shown = Path(opened.read_text().strip())
    assert "9 bytes   laptop" in shown.read_text()


def test_the_version_before_comes_back_without_a_question(
    home: Path, messages: NotificationService
) -> None:
    commands = FakeCommands()
    menu_actions.restore_earlier(commands, "사진/하나.jpg")
    assert commands.asked == [("restore", "사진/하나.jpg", None)]
    assert "하나.jpg" in messages.wait_for("Earlier version restored").text


def test_what_fails_is_told_on_the_screen(home: Path, messages: NotificationService) -> None:
    with pytest.raises(CommandError), menu_actions.told_on_screen():
        raise CommandError(ErrorCode.FAILED, "It <b>failed</b>.", hint="Try again.")

    assert messages.wait_for("could not do that").text == (
        "It &lt;b&gt;failed&lt;/b&gt;. Try again."
    )


def test_ignoring_leaves_out_just_what_was_chosen(home: Path, tmp_path: Path) -> None:
    names = ["a*b [x].txt", "#1 \\ !.txt", "trailing ", "folder"]
    folder = tmp_path / "synced"
    (folder / "folder").mkdir(parents=True)
    commands = FakeCommands()

    menu_actions.ignore(commands, str(folder), names)

    patterns = [call[1] for call in commands.asked]
    rules = IgnoreRules({"": "\n".join(map(str, patterns))}, built_in=False)
    assert all(rules.matches(name, Kind.FILE) for name in names[:3])
    assert rules.matches("folder/inside", Kind.FILE)
    others = ["aXb [x].txt", "a*b x.txt", "sub/a*b [x].txt", "trailing", "folder2", "1 \\ !.txt"]
    assert [name for name in others if rules.matches(name, Kind.FILE)] == []
    assert pattern_for("folder", Kind.FOLDER) == "/folder/"
