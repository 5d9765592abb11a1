"""A newcomer's two computers: `up` and `login` on one machine, `up --lan` and `join` over TLS; and
what the README tells them to type, on an account where nothing was ever installed."""

import os
import re
import subprocess
import sysconfig
import venv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.e2e import Instance, Workbench, isolated_environment, wait_until

pytestmark = [pytest.mark.e2e, pytest.mark.slow]


def test_a_second_computer_signs_in_with_the_password_that_up_shows(workbench: Workbench) -> None:
    first, second = workbench.instance("first"), workbench.instance("second")
    told = first.up().out
    shown = {key: told_value(told, key) for key in ("Server", "Account", "Password")}

    again = first.up().out
    assert {key: told_value(again, key) for key in ("Server", "Account")} == {
        key: shown[key] for key in ("Server", "Account")
    }
    assert "Password" not in again

    second.login(shown["Server"], email=shown["Account"], password=shown["Password"])
    second.start()
    assert_crosses_both_ways(first, second)

    assert "Its server goes on" in first.command("stop").out
    assert "server" not in second.command("stop").out


def test_a_computer_in_the_network_joins_over_tls(workbench: Workbench) -> None:
    first, second = workbench.instance("first"), workbench.instance("second")
    first.up()
    told = first.up("--lan").out
    assert told_value(told, "Server").startswith("https://")

    second.join(join_code(told))

    assert second.status().server.startswith("https://")
    assert_crosses_both_ways(first, second)


def test_a_certificate_made_anew_is_refused_until_one_joins_again(workbench: Workbench) -> None:
    first, second = workbench.instance("first"), workbench.instance("second")
    first.up()
    second.join(join_code(first.up("--lan").out))
    assert_crosses_both_ways(first, second)

    first.command("stop", "--server")
    forget_certificate(first)
    told = first.up("--lan").out
    (second.folder / "waiting.txt").write_text("waiting")

    refused = second.command("sync", codes=None)
    assert refused.code == 1
    assert "the server's certificate is not the one trusted at sign-in" in refused.out
    assert "new fingerprint" in refused.out
    assert not (first.folder / "waiting.txt").exists()

    second.join(join_code(told))
    wait_until((first.folder / "waiting.txt").exists, "what waited")
    (first.folder / "also.txt").write_text("also")
    wait_until((second.folder / "also.txt").exists, "the first computer's next file")


PROJECT = Path(__file__).parents[2]


@dataclass
class Newcomer:
    """Somebody with an account of their own on a system, who types what the README says."""

    home: Path
    environment: dict[str, str]

    def types(self, line: str, *, stdin: str = "") -> str:
        """In a shell at home; what was said, without an error."""
        done = subprocess.run(
            ["sh", "-ec", line], cwd=self.home, env=self.environment, input=stdin,
            capture_output=True, text=True, timeout=600, check=False,
        )  # fmt: skip
        assert done.returncode == 0, (line, done.stdout, done.stderr)
        return done.stdout


@pytest.fixture
def newcomer(tmp_path: Path, full: bool) -> Iterator[Newcomer]:
    environment = isolated_environment(tmp_path)
    if full:
        environment |= {name: os.environ[name] for name in os.environ if name.startswith("PIP_")}
    home = Path(environment["HOME"])
    environment["PATH"] = f"{home}/.local/bin:{os.environ['PATH']}"
    (home / ".gitconfig").write_text("[safe]\n\tdirectory = *\n")
    someone = Newcomer(home, environment)
    yield someone
    for name in ("second", "third"):
        someone.types(f"DREAMSYNC_HOME=~/{name} dreamsync stop || true")
    someone.types("dreamsync stop --server || true")


@pytest.mark.timeout(900)
@pytest.mark.skipif(not (PROJECT / ".git").exists(), reason="there is no repository to clone")
def test_what_the_readme_says_is_all_it_takes(newcomer: Newcomer, full: bool) -> None:
    """With `--full`, everything is installed anew, as the newcomer has it."""
    clone, _, start = readme_block("One line installs everything").partition(" && ")
    newcomer.types(re.sub(r"https://\S+", str(PROJECT), clone))
    if not full:
        lend_packages(newcomer.home / "dreamsync-program")
    told = newcomer.types(start)
    assert Path(told_value(told, "Folder")) == newcomer.home / "dreamsync"
    again = newcomer.types(start)
    assert again.splitlines() == [line for line in lines_from_up(told) if "Password" not in line]

    second = readme_block("**Just to try it**").replace("mina@desk", told_value(told, "Account"))
    second = second.replace("http://127.0.0.1:8737", told_value(told, "Server"))
    second = second.replace("--secrets file", "--secrets file --password-stdin")
    newcomer.types(second, stdin=told_value(told, "Password") + "\n")
    assert_folders_cross(newcomer.home / "dreamsync", newcomer.home / "second/folder")

    code = join_code(newcomer.types(readme_block("**In the same network.**")))
    _, _, join = readme_block("On the second computer, the same with the code").partition(" && ")
    newcomer.types(f"DREAMSYNC_HOME=~/third {join.replace('CODE', code)} --secrets file")
    assert_folders_cross(newcomer.home / "dreamsync", newcomer.home / "third/folder")


def readme_block(after: str) -> str:
    """The first block to type after these words."""
    match = re.search(re.escape(after) + r".*?```\n(.*?)\n```", README, re.DOTALL)
    assert match, after
    return match[1]


README = (PROJECT / "README.md").read_text("utf-8")


def lend_packages(clone: Path) -> None:
    """What `./task` would install, from where these tests have it: as if it were done already."""
    place = clone / ".venv"
    venv.create(place, symlinks=True)
    (packages,) = place.glob("lib/python*/site-packages")
    (packages / "lent.pth").write_text(f"{clone}\n{sysconfig.get_path('purelib')}\n")
    command = place / "bin/dreamsync"
    command.write_text(f"#!{place}/bin/python\nfrom dreamsync.cli import main\nmain()\n")
    command.chmod(0o755)
    wanted = f"{clone}\n" + (clone / "pyproject.toml").read_text("utf-8")
    (place / "installed-server").write_text(wanted, "utf-8")


def lines_from_up(told: str) -> list[str]:
    return told[told.index("dreamsync is up.") :].splitlines()


def assert_crosses_both_ways(first: Instance, second: Instance) -> None:
    assert_folders_cross(first.folder, second.folder)


def assert_folders_cross(first: Path, second: Path) -> None:
    there, back = f"for {second.parent.name}.txt", f"from {second.parent.name}.txt"
    (first / there).write_text("there")
    (second / back).write_text("back")
    wait_until(lambda: text(second / there) == "there", "the first one's file")
    wait_until(lambda: text(first / back) == "back", "the second one's file")


def text(path: Path) -> str | None:
    return path.read_text() if path.exists() else None


def told_value(told: str, key: str) -> str:
    """The word after `key` in what `up` prints."""
    match = re.search(rf"^  {key}\s+(\S+)", told, re.MULTILINE)
    assert match, told
    return match[1]


def join_code(told: str) -> str:
    match = re.search(r"dreamsync join (\S+)", told)
    assert match, told
    return match[1]


def forget_certificate(device: Instance) -> None:
    """As after a restore of the server's folder without its keys."""
    for path in Path(device.paths.server_data).glob("*.pem"):
        path.unlink()
