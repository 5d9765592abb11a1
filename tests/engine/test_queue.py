"""What waits for a folder to come into being must not wait for ever."""

from dreamsync.core.nodes import NodeKey
from dreamsync.core.operations import CreateRemoteFolder
from dreamsync.core.trees import Place
from dreamsync.engine.events import Effects
from dreamsync.engine.queue import Queue

_OUTER, _INNER, _INNERMOST = NodeKey(2), NodeKey(3), NodeKey(4)


def _nothing() -> Effects:
    yield None
    return []


def test_what_waits_for_a_folder_that_is_given_up_is_given_up_too() -> None:
    queue = Queue()
    outer, inner, innermost = (
        CreateRemoteFolder(node, Place(NodeKey(node - 1), "folder"))
        for node in (_OUTER, _INNER, _INNERMOST)
    )
    queue.add([outer, inner, innermost])
    assert [queue.take() for _ in range(3)] == [outer, inner, innermost]
    job = queue.start(_nothing(), [_OUTER])
    queue.wait_for(_OUTER, inner)
    queue.wait_for(_INNER, innermost)

    queue.finish(job.id)
    while (operation := queue.take()) is not None:
        queue.wait_for(NodeKey(operation.node - 1), operation)

    assert queue.idle
    assert not queue.busy
