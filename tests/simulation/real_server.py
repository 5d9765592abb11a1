"""Our own server over HTTP on loopback, in this process, and what its administrator does."""

import itertools
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from dreamsync.remotes.protocol import Remote
from dreamsync.remotes.rest import Connection, RestRemote
from dreamsync.remotes.rest.session import join
from dreamsync.server import admin
from dreamsync.server.app import OpenServer, open_server
from tests.remotes.token_stores import MemoryTokenStore
from tests.support.server import running_application


class RealServer:
    """One server for many traces, each with an account of its own."""

    def __init__(self, folder: Path) -> None:
        self.data_dir = str(folder / "server")
        self._folder = folder
        self._numbers = itertools.count(1)
        self._parts = ExitStack()
        self._opened: OpenServer
        self._url = ""
        self._start()

    def _start(self) -> None:
        self._opened = open_server(self.data_dir)
        self._parts.callback(self._opened.close)
        self._url = self._parts.enter_context(
            running_application(self._opened.application, before_exit=self._opened.end_streams)
        )

    def stop(self) -> None:
        self._parts.close()

    def new_account(self) -> str:
        email = f"user{next(self._numbers)}@example.org"
        admin.add_user(self.data_dir, email, "correct horse")
        return email

    def join(self, email: str, device: str) -> Remote:
        """The device with that id, new or signed in again."""
        connection = Connection(self._url)
        code = admin.create_join_code(self.data_dir, email)
        session = join(connection, token=code.token, device_id=device, device_name=device)
        return RestRemote(connection, MemoryTokenStore(session.tokens), device_id=device)

    def revoke(self, email: str, device: str) -> None:
        account = next(row for row in admin.list_users(self.data_dir) if row.email == email)
        self._opened.backend.sessions.revoke(account_id=account.account_id, device_id=device)

    def back_up(self) -> str:
        target = str(self._folder / f"backup{next(self._numbers)}")
        admin.backup(self.data_dir, target)
        return target

    def restore(self, backup: str) -> None:
        self.stop()
        os.rename(self.data_dir, f"{backup}-replaced")
        admin.restore(backup, self.data_dir)
        self._start()

    def forget_deletions(self) -> None:
        self._opened.backend.service.care.purge(older_than_ms=-1)


@contextmanager
def real_server(folder: Path) -> Iterator[RealServer]:
    server = RealServer(folder)
    try:
        yield server
    finally:
        server.stop()
