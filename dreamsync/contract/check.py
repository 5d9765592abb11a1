"""A whole check: sign in, go through the table in a folder of its own, clean up, sign out."""

import secrets
import uuid
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import timedelta

from dreamsync.contract.bench import Bench
from dreamsync.contract.rules import Report, Result, Rule
from dreamsync.contract.table import RULES
from dreamsync.contract.verdicts import NotMet, NotOffered, Verdict
from dreamsync.core.nodes import Kind
from dreamsync.message import N_, message_of
from dreamsync.remotes.errors import RemoteError
from dreamsync.remotes.rest import session
from dreamsync.remotes.rest.connection import Connection
from dreamsync.wire.fields import WireError
from dreamsync.wire.messages import StatusMessage
from dreamsync.wire.sync_file import SyncFile, time_to_json

DEVICE_NAME = "dreamsync check-server"
_CLOCKS_APART = timedelta(seconds=2)
_MOST_SWEEPS = 5

Tell = Callable[[str, int, int], None]


def connection_to(url: str, *, fingerprint: str = "", ca_file: str = "") -> Connection:
    """Raises `InvalidAddress`: plain HTTP to another computer, or no address at all."""
    return Connection(url, fingerprint=fingerprint or None, ca_file=ca_file or None)


def check_server(
    connection: Connection,
    *,
    email: str,
    password: str,
    tell: Tell | None = None,
    rules: Sequence[Rule] = RULES,
) -> Report:
    """`tell` hears each rule's words, how many are done, and of how many.

    Raises `RemoteError` where the server cannot be reached or signed in to at all.
    """
    bench = _signed_in(connection, email, password)
    try:
        _prepare(bench)
        results = []
        for done, rule in enumerate(rules):
            if tell is not None:
                tell(rule.words, done, len(rules))
            results.append(_checked(bench, rule))
        return Report(connection.url, tuple(results), left=_clean_up(bench))
    finally:
        _sign_out(bench)
        bench.client.close()


def _signed_in(connection: Connection, email: str, password: str) -> Bench:
    device_id = str(uuid.uuid4())
    signed = session.login(
        connection,
        email=email,
        password=password,
        device_id=device_id,
        device_name=DEVICE_NAME,
    )
    return Bench(
        connection=connection,
        client=connection.server_client(),
        token=signed.tokens.access,
        device_id=device_id,
        folder=f"dreamsync check-server {secrets.token_hex(6)}",
    )


def _prepare(bench: Bench) -> None:
    """Where the feed is before anything is made: what is cleaned up later came after that."""
    with suppress(NotMet):
        bench.status = bench.parsed(bench.ask("GET", "sync/status"), StatusMessage.parse, 200)
    status = bench.status
    if status is None:
        return
    if status.capabilities is not None:
        bench.since = status.cursor
    elif status.server_time is not None:
        bench.since = time_to_json(status.server_time - _CLOCKS_APART)


def _checked(bench: Bench, rule: Rule) -> Result:
    try:
        if rule.capability is not None:
            bench.need(rule.capability)
        rule.check(bench)
    except NotOffered as why:
        return Result(rule, Verdict.NOT_OFFERED, message_of(why))
    except (NotMet, RemoteError, WireError) as why:
        return Result(rule, Verdict.NOT_MET, message_of(why))
    return Result(rule, Verdict.MET)


def _clean_up(bench: Bench) -> str:
    """Delete all that was made, deepest first, and nothing else; what is left, in words."""
    try:
        for _ in range(_MOST_SWEEPS):
            left = [one for one in bench.news() if not one.deleted]
            if not left:
                return ""
            for file in sorted(left, key=_depth, reverse=True):
                bench.delete(file)
    except (NotMet, RemoteError) as why:
        return N_("{path}: {message}", path=bench.folder, message=message_of(why))
    return bench.folder


def _depth(file: SyncFile) -> tuple[int, bool]:
    return file.file_name.count("/"), file.kind is Kind.FILE


def _sign_out(bench: Bench) -> None:
    """The device of the check is not to stay among the account's; a plain server knows none."""
    with suppress(RemoteError, NotMet):
        bench.ask("DELETE", f"auth/devices/{bench.device_id}")
