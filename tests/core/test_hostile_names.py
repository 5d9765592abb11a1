"""Names made to get out of the folder: refused on the wire, or one harmless name on every disk."""

import ntpath
import posixpath
from unicodedata import normalize

import pytest

from dreamsync.core.mapping import NameRules, disk_name, disk_name_for, wire_name
from dreamsync.core.names import NameProblem, wire_name_problem
from tests.support.hostile_names import HARMLESS, REFUSED, RULES

pytestmark = pytest.mark.security(1)


def test_there_are_enough_of_them() -> None:
    assert len({*REFUSED, *HARMLESS}) >= 500


@pytest.mark.parametrize("name", REFUSED, ids=ascii)
def test_what_leads_elsewhere_is_refused_on_the_wire(name: str) -> None:
    assert wire_name_problem(name) is not None


@pytest.mark.parametrize("rules", RULES, ids=["linux", "macos", "windows"])
def test_what_only_looks_like_trouble_has_one_legal_name_on_every_disk(rules: NameRules) -> None:
    for name in HARMLESS:
        assert wire_name_problem(name) is None, name
        for taken in ((), ("con", "A", "..a", "Dreamsync")):
            on_disk = disk_name_for(name, taken, rules)
            assert on_disk is not None, name
            assert posixpath.split(on_disk) == ("", on_disk)
            assert on_disk not in ("", ".", "..")
            assert wire_name_problem(normalize("NFC", on_disk)) is not NameProblem.RESERVED, name
        if rules.windows_names:
            assert_legal_on_windows(disk_name(name, rules) or "")


def assert_legal_on_windows(name: str) -> None:
    assert ntpath.splitdrive(name) == ("", name)
    assert ntpath.basename(name) == name
    assert not set(name) & set('<>:"/\\|?*')
    assert not name.endswith((".", " "))
    assert not ntpath.isreserved(name) if hasattr(ntpath, "isreserved") else True


def test_no_disk_name_is_read_as_a_name_that_leads_elsewhere() -> None:
    """Quotations are read back on the way to the wire too. No disk holds a name that is longer."""
    for name in (name for name in (*REFUSED, *HARMLESS) if len(name) <= 255):
        read = wire_name(name) if name else None
        assert read is None or wire_name_problem(read) is None, name
