"""`docs/openapi.yaml` tells the same routes as the server has, and its rows hold."""

from pathlib import Path

import yaml
from starlette.routing import Route

from dreamsync.server.http.application import create_routes
from dreamsync.server.http.requests import _KEY
from tests.server.http.conftest import Server

DOCUMENT = Path(__file__).parents[3] / "docs" / "openapi.yaml"


def documented() -> set[tuple[str, str]]:
    paths = yaml.safe_load(DOCUMENT.read_text())["paths"]
    return {
        (method.upper(), path)
        for path, item in paths.items()
        for method in item
        if method != "parameters"
    }


def served(routes: list[Route]) -> set[tuple[str, str]]:
    return {
        (method, route.path)
        for route in routes
        for method in route.methods or ()
        if method != "HEAD"
    }


def test_each_documented_path_exists_and_the_other_way_round(server: Server) -> None:
    assert documented() == served(create_routes(server.opened.backend))


def test_the_documented_key_is_the_one_that_is_taken() -> None:
    schemas = yaml.safe_load(DOCUMENT.read_text())["components"]["schemas"]
    assert schemas["Key"]["pattern"] == f"^{_KEY.pattern.removesuffix(chr(92) + 'Z')}$"


def test_every_call_under_sync_says_what_happens_without_a_token() -> None:
    paths = yaml.safe_load(DOCUMENT.read_text())["paths"]
    for path, item in paths.items():
        for method, operation in item.items():
            if path.startswith("/sync") and method != "parameters":
                assert "401" in operation["responses"], (method, path)
