"""The simulator's server is a model: our real one must answer the same when asked the same.

More of this with `python -m tests.simulation --real --minutes 5`.
"""

from pathlib import Path

import pytest

from dreamsync.remotes.errors import CursorExpired, HistoryReplaced, SignedOut
from tests.simulation.real_server import real_server
from tests.simulation.replay import ask_the_real_server
from tests.simulation.scenario import scenario_of

_SEEDS = (2, 5, 6, 9, 18, 19, 84, 204, 207, 218, 335)
_ASKED = {
    *("changes", "upload", "copy", "upload_batch", "create_folder", "move", "delete"),
    "delete_batch",
    *("set_executable", "download", "download_batch", "versions", "ack", "status"),
    *("open_session", "block_tickets", "send_block", "complete_session"),
    *("back up", "restore", "purge", "revoke", "admit"),
    *("Conflict stale", "Conflict nameTaken"),
    *(error.__name__ for error in (CursorExpired, HistoryReplaced, SignedOut)),
}


@pytest.mark.promise(13, 14, 15)
def test_the_real_server_answers_what_the_simulators_does(tmp_path: Path) -> None:
    with real_server(tmp_path) as server:
        told = [ask_the_real_server(scenario_of(seed), server) for seed in _SEEDS]

    assert {seed: one.differences for seed, one in zip(_SEEDS, told, strict=True)} == {
        seed: [] for seed in _SEEDS
    }
    assert _ASKED - {kind for one in told for kind in one.asked} == set()
