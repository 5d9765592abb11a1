"""What the rules work with: raw requests as one device, in a folder of the check's own.

Answers are looked at as they are: `RestRemote` would translate or refuse what a check must see.
"""

import hashlib
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

import httpx

from dreamsync.contract.verdicts import NotMet, NotOffered, expect
from dreamsync.message import N_
from dreamsync.remotes.rest.addresses import ensure_storage_allowed
from dreamsync.remotes.rest.api import transport_errors_translated
from dreamsync.remotes.rest.connection import Connection
from dreamsync.wire.fields import Fields, WireError
from dreamsync.wire.messages import CapabilitiesMessage, FilesPage, StatusMessage
from dreamsync.wire.problems import Problem, ProblemCode
from dreamsync.wire.sync_file import SyncFile

_MOST_PAGES = 10_000
_Parsed = TypeVar("_Parsed")

Json = Mapping[str, object]


def md5(content: bytes) -> str:
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def new_key() -> str:
    return secrets.token_hex(16)


def of_json(answer: httpx.Response) -> object:
    try:
        value: object = answer.json()
    except (ValueError, RecursionError) as error:
        raise NotMet(N_("{status} without JSON", status=answer.status_code)) from error
    return value


@dataclass(slots=True)
class Bench:
    """`folder` is the check's own; `since` a position in the feed before it began."""

    connection: Connection
    client: httpx.Client
    token: str
    device_id: str
    folder: str
    status: StatusMessage | None = None
    since: str | None = None
    _numbers: int = field(default=0)

    def path(self, name: str) -> str:
        """A fresh name of the check's own for each call, so that no rule disturbs another."""
        self._numbers += 1
        return f"{self.folder}/{self._numbers}-{name}"

    def ask(
        self,
        method: str,
        path: str,
        *,
        signed: bool = True,
        key: str | None = None,
        cursor: str | None = None,
        json: Json | None = None,
        params: Mapping[str, str] | None = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        """Mutations carry `key`; raise `RemoteError` where no answer comes."""
        with transport_errors_translated():
            return self.client.request(
                method,
                f"{self.connection.url.rstrip('/')}/{path}",
                headers={**self._headers(key, cursor, signed=signed), **(headers or {})},
                json=json,
                params=dict(params) if params else None,
                content=content,
            )

    def send(
        self,
        place: Mapping[str, str],
        content: bytes,
        *,
        key: str | None = None,
        cursor: str | None = None,
        **fields: str,
    ) -> httpx.Response:
        """`POST /sync/upload`."""
        with transport_errors_translated():
            return self.client.post(
                f"{self.connection.url.rstrip('/')}/sync/upload",
                headers=self._headers(key or new_key(), cursor, signed=True),
                data={"deviceId": self.device_id, **place, **fields},
                files={"file": ("content", content)},
            )

    def put(self, path: str, content: bytes = b"content", **fields: str) -> SyncFile:
        """A new file that the server must take."""
        return self.file(self.send({"fileName": path}, content, baseVersion="0", **fields), 201)

    def change(self, file: SyncFile, content: bytes, **fields: str) -> SyncFile:
        sent = self.send(
            {"fileName": file.file_name}, content, baseVersion=str(file.version), **fields
        )
        return self.file(sent, 200)

    def make_folder(self, path: str) -> SyncFile:
        return self.file(self.mutate("POST", "sync/folders", {"fileName": path}), 201)

    def mutate(
        self, method: str, path: str, body: Json, *, key: str | None = None
    ) -> httpx.Response:
        return self.ask(method, path, json=body, key=key or new_key())

    def move(self, file: SyncFile, path: str, *, base_version: int | None = None) -> httpx.Response:
        version = file.version if base_version is None else base_version
        body = {"fileName": path, "baseVersion": version}
        return self.mutate("PATCH", f"sync/files/{file.id}", body)

    def delete(self, file: SyncFile, *, base_version: int | None = None) -> httpx.Response:
        version = file.version if base_version is None else base_version
        return self.ask(
            "DELETE",
            f"sync/files/{file.id}",
            key=new_key(),
            params={"baseVersion": str(version)},
        )

    def file(self, answer: httpx.Response, *statuses: int) -> SyncFile:
        """The `SyncFile` of an answer that must have one of these statuses."""
        return self.parsed(answer, SyncFile.parse, *statuses)

    def parsed(
        self, answer: httpx.Response, parse: Callable[[object], _Parsed], *statuses: int
    ) -> _Parsed:
        wanted = statuses or (200, 201)
        expect(
            answer.status_code in wanted,
            N_(
                "answered {told} where {wanted} was expected",
                told=_told(answer),
                wanted=" or ".join(map(str, wanted)),
            ),
        )
        try:
            return parse(of_json(answer))
        except WireError as error:
            raise NotMet(N_("the answer is not the contract's: {error}", error=error)) from error

    def refused(self, answer: httpx.Response, status: int, code: ProblemCode) -> Problem:
        """The problem document of a refusal that must have this status and code."""
        expect(
            answer.status_code == status,
            N_(
                "answered {told} where {status} {code} was expected",
                told=_told(answer),
                status=status,
                code=code.value,
            ),
        )
        problem = self.parsed(answer, Problem.parse, status)
        expect(
            problem.code == code,
            N_("the code is {code}, not {wanted}", code=problem.code, wanted=code.value),
        )
        return problem

    def now(self, file: SyncFile) -> SyncFile:
        """The node as the feed tells it."""
        found = {one.id: one for one in self.news()}
        expect(file.id in found, N_("the feed does not tell of {name}", name=file.name))
        return found[file.id]

    def at(self, path: str) -> SyncFile:
        """The live node there, as the feed tells it."""
        for one in self.news():
            if one.file_name == path and not one.deleted:
                return one
        raise NotMet(N_("the feed does not tell of {name}", name=path.rpartition("/")[2]))

    def news(self, since: str | None = None) -> list[SyncFile]:
        """All that the feed tells after a position, of the check's own folder."""
        files, _ = self.pages(since or self.since)
        return [one for one in files if self.is_own(one)]

    def pages(self, since: str | None, *, limit: int = 1000) -> tuple[list[SyncFile], str | None]:
        """The feed to its head, and the last cursor."""
        found: list[SyncFile] = []
        for _ in range(_MOST_PAGES):
            page = self.page(since, limit=limit)
            found.extend(page.files)
            if not page.has_more:
                return found, page.cursor
            expect(page.cursor and page.cursor != since, N_("the feed stands still"))
            since = page.cursor
        raise NotMet(N_("the feed has no end"))

    def page(self, since: str | None, *, limit: int = 1000) -> FilesPage:
        params = {"limit": str(limit)} | ({} if since is None else {"since": since})
        is_plain = self.status is None or self.status.capabilities is None
        parse = _plain_page if is_plain else FilesPage.parse
        return self.parsed(self.ask("GET", "sync/files", params=params), parse, 200)

    def is_own(self, file: SyncFile) -> bool:
        return file.file_name == self.folder or file.file_name.startswith(f"{self.folder}/")

    def fetch(self, url: str, *, range_of: tuple[int, int] | None = None) -> httpx.Response:
        """From storage, without a token; a host that the server has not named is not asked."""
        hosts = frozenset(self.capabilities.storage_hosts) | self.connection.storage_hosts
        ensure_storage_allowed(url, server=self.connection.origin, hosts=hosts)
        headers = {} if range_of is None else {"Range": f"bytes={range_of[0]}-{range_of[1]}"}
        with transport_errors_translated():
            return self.client.get(url, headers=headers)

    @property
    def capabilities(self) -> CapabilitiesMessage:
        offered = self.status.capabilities if self.status else None
        return offered or CapabilitiesMessage()

    def need_full(self) -> None:
        """Raise `NotOffered` for a server that does not claim the contract's core."""
        if self.status is None or self.status.capabilities is None:
            raise NotOffered(N_("a plain server: its status names no capabilities"))

    def need(self, capability: str) -> None:
        self.need_full()
        if not getattr(self.capabilities, capability):
            raise NotOffered(N_("not among its capabilities"))

    def _headers(self, key: str | None, cursor: str | None, *, signed: bool) -> dict[str, str]:
        headers = {"Accept": "application/json"}
        if signed:
            headers["Authorization"] = f"Bearer {self.token}"
        if key is not None:
            headers["Idempotency-Key"] = key
        if cursor is not None:
            headers["Sync-Cursor"] = cursor
        return headers


def _plain_page(value: object) -> FilesPage:
    """A plain server tells all at once, and has no cursor."""
    return FilesPage(Fields.of(value, "files").messages("files", SyncFile.parse), "", False)


def _told(answer: httpx.Response) -> str:
    try:
        code = answer.json().get("code")
    except (ValueError, AttributeError, RecursionError):
        code = None
    return f"{answer.status_code} {code}" if code else str(answer.status_code)
