"""Client and server, killed at each of their durable steps, in the middle of real work.

Each story changes one thing of every kind on both computers, kills one process at a named point,
starts it again and lets it go on by itself. All changes are one-sided, so what must come of them is
known to the byte: no conflict, no second version, nothing left behind in staging or trash.
"""

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from dreamsync.core.digest import BLOCK
from tests.support.e2e import Instance, Workbench
from tests.support.failpoints import CLIENT, FIRST_START, SERVER, Failpoint
from tests.support.known_work import Computer, KnownWork, known_work, signed_in

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

_KILLED = -9


def _id(point: Failpoint) -> str:
    return point.name.replace(" ", "-")


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KnownWork]:
    """It serves all stories of this file, one after the other."""
    with known_work(tmp_path_factory.mktemp("failpoints"), 20261125) as work:
        yield work
        work.syncs(work.there)
        work.syncs(work.here)
        work.check(work.here, work.there)


@pytest.mark.fault("killed")
@pytest.mark.parametrize("point", CLIENT, ids=_id)
def test_a_client_killed_anywhere_goes_on_by_itself(work: KnownWork, point: Failpoint) -> None:
    work.others_work()
    work.goes_on(work.here, large=_large(point))

    killed = work.sync(work.here, failpoint=point.name)
    assert work.nursery.wait(killed) == _KILLED, killed.words()

    work.syncs(work.here)
    work.check(work.here)


@pytest.mark.fault("killed")
@pytest.mark.parametrize("point", FIRST_START, ids=_id)
def test_a_client_killed_at_its_first_start_begins_by_itself(
    work: KnownWork, workbench: Workbench, point: Failpoint
) -> None:
    """It comes with some of the files that the server has, and one of its own."""
    new = Computer(point.name, workbench.instance("new"))
    signed_in(work.server.url, new.instance)
    shutil.copytree(work.there.folder, new.instance.folder / work.there.name)
    work.goes_on(new)

    killed = work.sync(new, failpoint=point.name)
    assert work.nursery.wait(killed) == _KILLED, killed.words()

    work.syncs(new)
    work.check(new)


@pytest.mark.fault("server restart")
@pytest.mark.parametrize("point", SERVER, ids=_id)
def test_a_server_killed_anywhere_goes_on_by_itself(work: KnownWork, point: Failpoint) -> None:
    work.server.kill()
    work.server.start(failpoint=point.name)
    if "tokens" in point.name:
        forget_access_token(work.here.instance)
    work.goes_on(work.here, large=_large(point))

    interrupted = work.sync(work.here)
    assert work.server.ends() == _KILLED
    work.server.start()
    assert work.nursery.wait(interrupted) in (0, 1), interrupted.words()

    work.syncs(work.here)
    work.check(work.here)


def forget_access_token(device: Instance) -> None:
    """As if its time were over: the next request needs another one."""
    secrets = Path(device.paths.secrets_file)
    tokens = json.loads(secrets.read_text())
    secrets.write_text(json.dumps({**tokens, "access": "over"}))


def _large(point: Failpoint) -> int:
    """The size of a file that makes the work come by this point."""
    words = set(re.split(r"\W+", point.name))
    if words & {"session", "block"}:
        return BLOCK + 1024
    return 300 * 1024 if words & {"file", "blob", "blobs"} else 0
