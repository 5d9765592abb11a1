"""Stories of a server that is not well."""

from collections.abc import Sequence

import pytest

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
