"""The shortest story of real processes: a file crosses, both ways."""

import pytest

from tests.support.e2e import Workbench, wait_until

pytestmark = pytest.mark.e2e


def test_a_file_crosses_both_ways(workbench: Workbench) -> None:
    server = workbench.server()
    a, b = workbench.device("a", server), workbench.device("b", server)

    (a.folder / "from a.txt").write_text("a")
    (b.folder / "from b.txt").write_text("b")

    wait_until((b.folder / "from a.txt").exists, "the file of a in b")
    wait_until((a.folder / "from b.txt").exists, "the file of b in a")
    assert (b.folder / "from a.txt").read_text() == "a"
    assert a.wait_idle().files == 2
