"""Schemathesis against a live server: whatever is sent, no 5xx and no answer beside the document.

Seeded, so that a failure can be replayed.
"""

from pathlib import Path
from typing import Any

import hypothesis
import pytest
import schemathesis
from schemathesis.checks import CHECKS, load_all_checks

from tests.server.http.conftest import Server

load_all_checks()
SCHEMA = schemathesis.openapi.from_path(Path(__file__).parents[3] / "docs" / "openapi.yaml")
CHECKED = CHECKS.get_by_names(
    [
        "not_a_server_error",
        "status_code_conformance",
        "content_type_conformance",
        "response_schema_conformance",
    ]
)


@schemathesis.serializer("application/vnd.dreamsync.batch")
def batch(_context: object, value: object) -> bytes:
    """A frame is bytes; any text will do to be refused."""
    return str(value).encode(errors="replace")


@pytest.fixture(scope="module")
def live(server: Server) -> tuple[str, str]:
    device = server.sign_in(server.add_user())
    device.put("folder/note.txt")
    return server.url, device.http.headers["authorization"]


@pytest.mark.slow
@SCHEMA.exclude(path="/sync/events").exclude(path="/auth/logout").parametrize()
@hypothesis.settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(hypothesis.HealthCheck),
)
def test_no_request_makes_the_server_fail(
    case: schemathesis.Case[Any], live: tuple[str, str]
) -> None:
    url, authorization = live
    answer = case.call(base_url=url, headers={"Authorization": authorization})
    case.validate_response(answer, checks=CHECKED)  # type: ignore[arg-type]
