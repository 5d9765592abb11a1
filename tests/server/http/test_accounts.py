"""Accounts over HTTP: tokens, devices, join codes, and who is let in."""

from collections.abc import Callable

import httpx
import jwt
import pytest

from dreamsync.server.accounts.throttle import EMAIL_ALLOWANCE
from dreamsync.server.http.application import create_routes
from tests.server.http.client import Device, Json, expect, problem
from tests.server.http.conftest import PASSWORD, Server


def login(server: Server, account: str, **changed: object) -> httpx.Response:
    body: Json = {
        "email": account,
        "password": PASSWORD,
        "deviceId": "laptop",
        "deviceName": "Anna's laptop",
        **changed,
    }
    return server.client().post("/auth/login", json=body)


def test_a_login_gives_tokens(server: Server) -> None:
    email = server.add_user()

    tokens = expect(login(server, email.upper()), 200)

    assert (tokens["email"], tokens["expiresIn"]) == (email, 900)
    assert tokens["deviceName"] == "Anna's laptop"
    assert {"accessToken", "refreshToken", "accountId"} <= set(tokens)
    claims = jwt.decode(str(tokens["accessToken"]), options={"verify_signature": False})
    assert {"iss", "aud", "exp", "iat", "sub", "device"} <= set(claims)
    assert claims["exp"] - claims["iat"] <= 900


def test_wrong_passwords_and_unknown_emails_are_told_alike(server: Server) -> None:
    wrong = login(server, server.add_user(), password="wrong password")
    unknown = login(server, "nobody@example.org")

    problem(wrong, 401, "invalidCredentials")
    assert unknown.content == wrong.content


@pytest.mark.security(8)
def test_repeated_failures_have_to_wait(server: Server) -> None:
    email = server.add_user()
    for _ in range(EMAIL_ALLOWANCE):
        problem(login(server, email, password="wrong password"), 401, "invalidCredentials")

    limited = login(server, email)

    problem(limited, 429, "rateLimited")
    wait_s = int(limited.headers["retry-after"])
    assert 1 <= wait_s <= 30
    with server.clock.ahead(wait_s):
        expect(login(server, email), 200)


@pytest.mark.parametrize(
    "changed",
    [
        {"email": None},
        {"password": 7},
        {"deviceId": ""},
        {"deviceId": "x" * 65},
        {"deviceId": "a/b"},
        {"deviceName": "line\nbreak"},
        {"deviceName": "x" * 101},
    ],
)
def test_a_login_that_breaks_the_contract_is_refused(server: Server, changed: Json) -> None:
    problem(login(server, "nobody@example.org", **changed), 400, "invalidRequest")


def refresh(server: Server, token: object) -> httpx.Response:
    return server.client().post("/auth/refresh", json={"refreshToken": token})


def test_a_refresh_rotates_and_a_lost_answer_is_forgiven(server: Server, laptop: Device) -> None:
    lost = expect(refresh(server, laptop.refresh_token), 200)
    again = expect(refresh(server, laptop.refresh_token), 200)

    newest = expect(refresh(server, again["refreshToken"]), 200)

    assert len({laptop.refresh_token, lost["refreshToken"], newest["refreshToken"]}) == 3
    client = server.client(Authorization=f"Bearer {newest['accessToken']}")
    expect(client.get("/sync/status"), 200)


def test_an_older_refresh_token_ends_the_device_s_tokens(server: Server, laptop: Device) -> None:
    second = expect(refresh(server, laptop.refresh_token), 200)
    third = expect(refresh(server, second["refreshToken"]), 200)

    problem(refresh(server, laptop.refresh_token), 401, "tokenInvalid")

    problem(refresh(server, third["refreshToken"]), 401, "tokenInvalid")
    problem(laptop.http.get("/sync/status"), 401, "tokenInvalid")


def test_signing_out_ends_both_tokens(server: Server, laptop: Device) -> None:
    answer = laptop.http.post("/auth/logout", json={"refreshToken": laptop.refresh_token})

    assert answer.status_code == 204
    problem(laptop.http.get("/sync/status"), 401, "tokenInvalid")
    problem(refresh(server, laptop.refresh_token), 401, "tokenInvalid")


@pytest.mark.security(5)
def test_devices_are_listed_and_revoked(server: Server, laptop: Device, phone: Device) -> None:
    items = laptop.get("/auth/devices")["items"]
    assert isinstance(items, list)
    assert [(item["id"], item["current"], item["revoked"]) for item in items] == [
        ("laptop", True, False),
        ("phone", False, False),
    ]
    expect(phone.http.get("/sync/status"), 200)

    assert laptop.http.delete("/auth/devices/phone").status_code == 204

    problem(phone.http.get("/sync/status"), 401, "deviceRevoked")
    problem(refresh(server, phone.refresh_token), 401, "deviceRevoked")
    items = laptop.get("/auth/devices")["items"]
    assert isinstance(items, list)
    assert [item["revoked"] for item in items] == [False, True]
    problem(laptop.http.delete("/auth/devices/nothing"), 404, "notFound")


def test_a_join_code_signs_a_second_device_in_once(server: Server, laptop: Device) -> None:
    laptop.put("note.txt")
    code = expect(laptop.http.post("/auth/join-codes"), 201)
    body: Json = {"token": code["token"], "deviceId": "phone", "deviceName": "The phone"}

    tokens = expect(server.client().post("/auth/join", json=body), 200)

    phone = server.client(Authorization=f"Bearer {tokens['accessToken']}")
    files = expect(phone.get("/sync/files"), 200)["files"]
    assert isinstance(files, list)
    assert [file["name"] for file in files] == ["note.txt"]
    problem(server.client().post("/auth/join", json=body), 401, "invalidCredentials")


def test_an_expired_token_says_so(server: Server, laptop: Device) -> None:
    with server.clock.ahead(901):
        answer = laptop.http.get("/sync/status")
    problem(answer, 401, "tokenExpired")
    assert answer.headers["www-authenticate"].startswith("Bearer")


def headers(token: str) -> dict[str, Callable[[], list[tuple[str, str]]]]:
    parts = token.split(".")
    unsigned = jwt.encode({"sub": "x"}, "", algorithm="none").split(".")[0]
    return {
        "none": list,
        "empty": lambda: [("Authorization", "")],
        "basic": lambda: [("Authorization", f"Basic {token}")],
        "bare": lambda: [("Authorization", token)],
        "twice": lambda: [("Authorization", f"Bearer {token}")] * 2,
        "cut off": lambda: [("Authorization", f"Bearer {token[:-2]}")],
        "unsigned": lambda: [("Authorization", f"Bearer {unsigned}.{parts[1]}.")],
        "in the query": list,
    }


OPEN_TO_ALL = {"/auth/login", "/auth/refresh", "/auth/logout", "/auth/join"}


@pytest.mark.security(8)
@pytest.mark.parametrize("kind", ["none", "unsigned", "of a signed-out device"])
def test_every_endpoint_asks_who_is_there(server: Server, laptop: Device, kind: str) -> None:
    """Presigned URLs apart, which are a permission by themselves."""
    token = laptop.http.headers["authorization"].removeprefix("Bearer ")
    if kind == "of a signed-out device":
        laptop.http.post("/auth/logout", json={"refreshToken": laptop.refresh_token})
        given = [("Authorization", f"Bearer {token}")]
    else:
        given = headers(token)[kind]()
    client, asked = server.client(), 0
    for route in create_routes(server.opened.backend):
        if route.path in OPEN_TO_ALL or route.path.startswith("/blobs/"):
            continue
        for method in (route.methods or set()) - {"HEAD"}:
            path = route.path.replace("{id}", "x")
            answer = client.request(method, path, headers=given)
            assert (answer.status_code, path) == (401, path)
            asked += 1
    assert asked > 20


@pytest.mark.security(8)
@pytest.mark.parametrize(
    "kind", ["none", "empty", "basic", "bare", "twice", "cut off", "unsigned", "in the query"]
)
def test_without_a_genuine_token_nobody_is_let_in(
    server: Server, laptop: Device, kind: str
) -> None:
    token = laptop.http.headers["authorization"].removeprefix("Bearer ")
    query = f"?access_token={token}" if kind == "in the query" else ""
    answer = server.client().get(f"/sync/status{query}", headers=headers(token)[kind]())
    problem(answer, 401, "tokenInvalid")
