"""Ids are what they pass for."""

import uuid

from dreamsync.server.service.clock import RandomIds


def test_a_nodes_id_is_a_uuid_of_version_4() -> None:
    made = {RandomIds().node_id() for _ in range(200)}

    assert len(made) == 200
    for text in made:
        parsed = uuid.UUID(text)
        assert (str(parsed), parsed.version, parsed.variant) == (text, 4, uuid.RFC_4122)
