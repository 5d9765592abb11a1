"""The process ends without warning: what was answered is there, what was not is whole or absent."""

import subprocess
import sys
from pathlib import Path

import pytest

from dreamsync.server.service import Mutation
from tests.server.service.world import World

_WRITER = """
import sys
from dreamsync.server.service import Mutation
from tests.server.service.world import World
world = World(sys.argv[1])
print(world.caller.space_id, flush=True)
for number in range(100_000):
    name = f"{number % 7}/{number}"
    if number % 3:
        world.put(name, name.encode() * 500)
    else:
        world.batch({f"{name}/{part}": name.encode() for part in range(20)})
    print(name, flush=True)
"""


@pytest.mark.promise(9, 10)
@pytest.mark.fault("server restart")
def test_everything_answered_before_a_kill_is_there_after(tmp_path: Path) -> None:
    data_dir = str(tmp_path / "data")
    command = [sys.executable, "-c", _WRITER, data_dir]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        space_id = writer.stdout.readline().strip()
        answered = [writer.stdout.readline().strip() for _ in range(9)]
        writer.kill()
        answered += writer.stdout.read().split("\n")[:-1]

    world = World(data_dir)
    world.caller = type(world.caller)("ann", space_id, "laptop")
    files = {file.file_name: file for file in world.listing(limit=5000)}
    world.service.care.collect_garbage(grace_ms=0)

    for name in answered:
        expected = {name} if int(name.partition("/")[2]) % 3 else {f"{name}/{n}" for n in range(20)}
        assert expected <= files.keys()
    for file in files.values():
        if file.digest is not None:
            assert len(world.read(file)) == file.file_size
    world.put("goes on", b"", mutation=Mutation("after-the-kill"))
    world.close()
