"""Renaming a folder of a thousand files, with real processes: what it sends, and what it keeps."""

import pytest

from tests.support.counting_proxy import CountingProxy, counting_proxy
from tests.support.e2e import Instance, Workbench, wait_until
from tests.support.server_view import ServerView

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

_FILES = 1000
_CONTENT = "four hundred bytes are in each of the files  " * 9
_TALK = 20_000
"""Bytes that a few requests take, far below the files' 400,000."""


@pytest.mark.promise(16)
@pytest.mark.parametrize("running", [True, False], ids=["running", "stopped"])
def test_a_renamed_folder_costs_one_request_and_keeps_what_is_in_it(
    workbench: Workbench, running: bool
) -> None:
    server = workbench.server()
    with counting_proxy(server.port) as proxy, ServerView(server.url) as view:
        a, b = _behind(workbench, "a", proxy), workbench.device("b", server)
        (a.folder / "old").mkdir()
        for number in range(_FILES):
            (a.folder / f"old/{number}.txt").write_text(f"{_CONTENT}{number}")
        wait_until(lambda: b.wait_idle().files == _FILES, "the files in b")
        a.wait_idle()
        versions = {file.id: file.version for file in view.live() if file.name != "old"}
        if not running:
            a.stop()
            b.stop()
        proxy.up, proxy.request_lines = 0, []

        (a.folder / "old").rename(a.folder / "new")
        (b.folder / "old/made in b.txt").write_text("of b")
        if not running:
            a.start()
            b.start()
        wait_until((a.folder / "new/made in b.txt").exists, "the file of b below the new name")
        wait_until((b.folder / "new/made in b.txt").exists, "the new name in b")
        a.wait_idle()
        b.wait_idle()

        moves = [line for line in proxy.request_lines if line.startswith("PATCH ")]
        print(f"{len(moves)} move, {proxy.up} bytes up in {proxy.requests} requests")
        assert len(moves) == 1
        assert not [line for line in proxy.request_lines if "upload" in line]
        assert proxy.up < _TALK
        assert versions.items() <= {file.id: file.version for file in view.live()}.items()
        assert len({path.name for path in (b.folder / "new").iterdir()}) == _FILES + 1
        assert not (a.folder / "old").exists()
        assert not (b.folder / "old").exists()


def _behind(workbench: Workbench, name: str, proxy: CountingProxy) -> Instance:
    instance = workbench.instance(name)
    instance.login(proxy.url)
    return instance.start()
