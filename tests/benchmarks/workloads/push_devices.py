"""Many idle devices on push: what they cost the server, and how soon a write reaches them."""

import asyncio
import os
import resource
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import httpx

from tests.benchmarks.contender import DREAMSYNC, Contender
from tests.benchmarks.workloads.workload import Figures, Measure, Trial, at_most
from tests.support.e2e import EMAIL, PASSWORD, ServerProcess, Workbench
from tests.support.memory import resident

MIB = 1024 * 1024
_OPENING_AT_ONCE = 50
_LONGEST_S = 60.0
_SPARE_FILES = 200


@dataclass(frozen=True, slots=True)
class PushDevices:
    """The streams are plain sockets under one sign-in; who listens, the server does not care."""

    devices: int

    name = "push-devices"
    measures = (
        Measure("memory", "memory of the server for them", "MiB", at_most(250)),
        Measure("seconds", "until a write has reached all", "s", at_most(2.0)),
    )  # fmt: skip

    @property
    def title(self) -> str:
        return f"{self.devices:,} idle devices on push"

    def prepare(self, contender: Contender, folder: Path) -> AbstractContextManager[Trial] | None:
        return self._trial(folder) if contender.name == DREAMSYNC else None

    @contextmanager
    def _trial(self, folder: Path) -> Iterator[Trial]:
        allow_files(self.devices + _SPARE_FILES)
        with Workbench(folder) as bench:
            server = bench.server()
            token = _sign_in(server)
            numbers = count()
            yield lambda: asyncio.run(_listen_all(server, token, self.devices, next(numbers)))


def allow_files(wanted: int) -> None:
    """Raise this process' soft limit of open files, as far as the hard one goes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(wanted, hard), hard))


def _sign_in(server: ServerProcess) -> str:
    login = {"email": EMAIL, "password": PASSWORD, "deviceName": "many"}
    answer = httpx.post(
        f"{server.url}/auth/login", json={**login, "deviceId": os.urandom(16).hex()}
    ).raise_for_status()
    return str(answer.json()["accessToken"])


async def _listen_all(server: ServerProcess, token: str, devices: int, number: int) -> Figures:
    before = resident(server.process.pid)
    at_once = asyncio.Semaphore(_OPENING_AT_ONCE)
    streams = await asyncio.gather(*(_open(server, token, at_once) for _ in range(devices)))
    try:
        grown = (resident(server.process.pid) - before) / MIB
        began = time.monotonic()
        told = [asyncio.ensure_future(_next_event(reader)) for reader, _ in streams]
        await _write(server, token, number)
        async with asyncio.timeout(_LONGEST_S):
            await asyncio.gather(*told)
        return {"memory": grown, "seconds": time.monotonic() - began}
    finally:
        for _, writer in streams:
            writer.close()


Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def _open(server: ServerProcess, token: str, at_once: asyncio.Semaphore) -> Stream:
    async with at_once:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(
            f"GET /sync/events HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n"
            f"Authorization: Bearer {token}\r\nAccept: text/event-stream\r\n\r\n".encode()
        )
        await _next_event(reader)
    return reader, writer


async def _next_event(reader: asyncio.StreamReader) -> None:
    while not (await reader.readline()).startswith(b"event: cursor"):
        if reader.at_eof():
            raise RuntimeError("the server ended a push stream")


async def _write(server: ServerProcess, token: str, number: int) -> None:
    async with httpx.AsyncClient(headers={"Authorization": f"Bearer {token}"}) as client:
        answer = await client.post(
            f"{server.url}/sync/folders", json={"fileName": f"folder {number}"},
            headers={"Idempotency-Key": os.urandom(16).hex()},
        )  # fmt: skip
        answer.raise_for_status()
