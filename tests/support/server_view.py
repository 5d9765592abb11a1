"""A server seen from outside, over REST alone: what it lists, keeps and hands out."""

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import TracebackType
from typing import cast

import httpx

from dreamsync.wire.sync_file import SyncFile
from tests.support.e2e import EMAIL, PASSWORD

Document = dict[str, object]


class ServerView:
    """Signed in as a device of its own, that never changes anything. A context manager."""

    def __init__(self, url: str, *, name: str = "auditor") -> None:
        self._name = name
        self._client = httpx.Client(base_url=url, timeout=30, trust_env=False)
        self._storage = httpx.Client(timeout=60, trust_env=False)

    def __enter__(self) -> "ServerView":
        self.sign_in()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._client.close()
        self._storage.close()

    def sign_in(self) -> None:
        who = {"email": EMAIL, "password": PASSWORD, "deviceName": self._name}
        answer = self._client.post("/auth/login", json={**who, "deviceId": f"{self._name}-device"})
        answer.raise_for_status()
        self._client.headers["Authorization"] = f"Bearer {answer.json()['accessToken']}"

    def get(self, path: str, **parameters: str) -> Document:
        answer = self._client.get(path, params=parameters)
        if answer.status_code == 401:
            self.sign_in()
            answer = self._client.get(path, params=parameters)
        answer.raise_for_status()
        return cast("Document", answer.json())

    @property
    def cursor(self) -> str:
        return str(self.get("/sync/status")["cursor"])

    def try_cursor(self) -> str | None:
        """None while the server does not answer."""
        try:
            return self.cursor
        except httpx.HTTPError:
            return None

    def live(self) -> list[SyncFile]:
        """Everything that is not deleted."""
        files, _ = self.changes(None)
        return [file for file in files if not file.deleted]

    def changes(self, since: str | None) -> tuple[list[SyncFile], str]:
        """All pages from a cursor on, and the cursor after them."""
        files: list[SyncFile] = []
        while True:
            page = self.get("/sync/files", **({} if since is None else {"since": since}))
            files += [SyncFile.parse(item) for item in cast("list[object]", page["files"])]
            since = str(page["cursor"])
            if not page["hasMore"]:
                return files, since

    def trash(self) -> list[SyncFile]:
        return [SyncFile.parse(item) for item in self._items("/sync/trash")]

    def versions(self, file_id: str) -> list[Document]:
        return list(self._items(f"/sync/files/{file_id}/versions"))

    def download(self, file_id: str, version: int) -> bytes:
        ticket = self.get(f"/sync/download/{file_id}", version=str(version))
        answer = self._storage.get(str(ticket["url"]))
        answer.raise_for_status()
        return answer.content

    def _items(self, path: str) -> Iterator[Document]:
        after: str | None = None
        while True:
            page = self.get(path, **({} if after is None else {"after": after}))
            yield from cast("list[Document]", page["items"])
            after = cast("str | None", page.get("next"))
            if after is None:
                return


@dataclass
class FeedWatch:
    """Notes every content digest that the server has ever announced. A context manager; it goes on
    when the server is away for a while."""

    view: ServerView
    digests: set[str] = field(default_factory=set)
    _ended: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def __enter__(self) -> "FeedWatch":
        self._thread = threading.Thread(target=self._run, name="feed-watch")
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._ended.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        cursor: str | None = None
        while not self._ended.is_set():
            try:
                files, cursor = self.view.changes(cursor)
            except httpx.HTTPError:
                time.sleep(0.1)
                continue
            self.digests.update(file.digest for file in files if file.digest is not None)
            self._ended.wait(0.05)
