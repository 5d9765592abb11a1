"""A newcomer's two computers: `up` and `login` on one machine, `up --lan` and `join` over TLS."""

import re
from pathlib import Path

import pytest

from tests.support.e2e import Instance, Workbench, wait_until

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


def assert_crosses_both_ways(first: Instance, second: Instance) -> None:
    (first.folder / "from first.txt").write_text("first")
    (second.folder / "from second.txt").write_text("second")
    wait_until(lambda: text(second.folder / "from first.txt") == "first", "the first one's file")
    wait_until(lambda: text(first.folder / "from second.txt") == "second", "the second one's file")


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
