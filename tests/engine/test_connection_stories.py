"""Stories of a server that is not well."""

from collections.abc import Sequence

import pytest

from dreamsync.core.status import Push
from dreamsync.engine.events import PushState
from dreamsync.engine.status import engine_status
from dreamsync.remotes.errors import Refused, Unreachable
from dreamsync.remotes.protocol import Fetch
from tests.support.counting_remote import CountingRemote
from tests.support.devices import World


class _BrokenDownloads(CountingRemote):
    """All but the contents arrives."""

    asked = 0

    def download_batch(self, items: Sequence[Fetch]) -> Sequence[bytes | Refused]:
        self.asked += 1
        raise Unreachable("the connection to the server broke")


@pytest.mark.promise(22)
@pytest.mark.fault("no network")
def test_a_server_that_answers_but_breaks_every_download_is_asked_ever_less_often(
    world: World,
) -> None:
    a, b = world.device("a"), world.device("b")
    a.write("note.txt", "one")
    a.sync()
    broken = _BrokenDownloads(b.remote.wrapped)
    b.remote = broken
    b.restart()

    b.live(seconds=600)

    assert 5 < broken.asked < 20
    b.remote = CountingRemote(broken.wrapped)
    b.restart()
    b.sync()
    assert b.tree() == a.tree()


def test_push_that_was_not_tried_yet_is_not_told_of_as_broken(world: World) -> None:
    a = world.device("a")
    a.sync()
    told = [engine_status(a.context, a.engine).push]

    for live in (True, False):
        a.live_step(PushState(live=live))
        told.append(engine_status(a.context, a.engine).push)

    assert told == [Push.CONNECTING, Push.REALTIME, Push.DEGRADED]
