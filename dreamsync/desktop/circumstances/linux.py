"""Linux: addresses of the network from the kernel, everything else from services on the system bus.

Every machine has the kernel; what the bus adds is imported only where there is one.
"""

import logging
import os
import select
import socket
import struct
import sys
import threading
import time
from collections.abc import Iterator

from dreamsync.desktop.circumstances.watch import (
    Disturbance,
    OnCircumstances,
    OnDisturbance,
    Watch,
)

_log = logging.getLogger(__name__)

_BUS_SOCKETS = ("/run/dbus/system_bus_socket", "/var/run/dbus/system_bus_socket")
_SETTLING_SECONDS = 1.0
"""A new network is several new addresses within moments."""
_GROUPS = 0x10 | 0x100
"""RTMGRP_IPV4_IFADDR and RTMGRP_IPV6_IFADDR."""
_NEW, _DELETED = 20, 21
_HEADER = struct.Struct("=IHHII")
"""Length, type, flags, sequence and port of a message."""
_ADDRESS = struct.Struct("=BBBBI")
"""Family, prefix, flags, scope and interface; attributes follow."""
_EVERYWHERE = 0
"""The scope of addresses that reach beyond this link and machine."""
_ATTRIBUTE = struct.Struct("=HH")
_IFA_ADDRESS = 1


class LinuxWatch:
    """Implements `Watch`."""

    def __init__(self) -> None:
        self._parts: list[Watch] = [AddressWatch()]
        if _has_system_bus():
            from dreamsync.desktop.circumstances.linux_bus import BusWatch

            self._parts.append(BusWatch())

    def start(self, on_circumstances: OnCircumstances, on_disturbance: OnDisturbance) -> None:
        for part in self._parts:
            part.start(on_circumstances, on_disturbance)

    def stop(self) -> None:
        for part in self._parts:
            part.stop()


class AddressWatch:
    """Implements `Watch`: tells of each new network, once its addresses have settled."""

    def __init__(self) -> None:
        self._awake, self._wake = socket.socketpair()
        self._thread: threading.Thread | None = None
        self._known: set[bytes] = set()

    def start(self, _on_circumstances: OnCircumstances, on_disturbance: OnDisturbance) -> None:
        try:
            kernel = _kernel()
        except OSError as error:
            _log.info("the network is not watched: %s", error)
            return
        self._thread = threading.Thread(
            target=self._run, args=(kernel, on_disturbance), name="addresses", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        self._wake.close()
        if self._thread is not None:
            self._thread.join(5.0)
        self._awake.close()

    def _run(self, kernel: socket.socket, on_disturbance: OnDisturbance) -> None:
        with kernel:
            while self._await_news(kernel):
                on_disturbance(Disturbance.NETWORK)

    def _await_news(self, kernel: socket.socket) -> bool:
        """False where there will be no more."""
        settled_at: float | None = None
        while True:
            patience = None if settled_at is None else max(0.0, settled_at - time.monotonic())
            ready, _, _ = select.select([kernel, self._awake], [], [], patience)
            if self._awake in ready:
                return False
            if not ready:
                return True
            if self._hears_news(kernel):
                settled_at = time.monotonic() + _SETTLING_SECONDS

    def _hears_news(self, kernel: socket.socket) -> bool:
        """Whether an address came or went: the kernel also tells when one is only confirmed. Where
        it has told more than we could hear, something has."""
        try:
            heard = kernel.recv(65536)
        except OSError:
            return True
        news = False
        for kind, address in _addresses(heard):
            if kind == _NEW and address not in self._known:
                self._known.add(address)
                news = True
            elif kind == _DELETED:
                self._known.discard(address)
                news = True
        return news


def _has_system_bus() -> bool:
    named = os.environ.get("DBUS_SYSTEM_BUS_ADDRESS")
    return bool(named) or any(os.path.exists(path) for path in _BUS_SOCKETS)


def _kernel() -> socket.socket:
    if sys.platform != "linux":
        raise OSError("only Linux has netlink")
    kernel = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE)
    try:
        kernel.bind((0, _GROUPS))
    except BaseException:
        kernel.close()
        raise
    return kernel


def _addresses(heard: bytes) -> Iterator[tuple[int, bytes]]:
    """The kind of each message, and the address that it is about with its interface."""
    at = 0
    while at + _HEADER.size + _ADDRESS.size <= len(heard):
        length, kind, *_ = _HEADER.unpack_from(heard, at)
        family, _prefix, _flags, scope, interface = _ADDRESS.unpack_from(heard, at + _HEADER.size)
        if kind in (_NEW, _DELETED) and scope == _EVERYWHERE:
            body = heard[at + _HEADER.size + _ADDRESS.size : at + length]
            yield kind, struct.pack("=BI", family, interface) + _address_in(body)
        at += max(_aligned(length), _HEADER.size)


def _address_in(attributes: bytes) -> bytes:
    at = 0
    while at + _ATTRIBUTE.size <= len(attributes):
        length, kind = _ATTRIBUTE.unpack_from(attributes, at)
        if kind == _IFA_ADDRESS:
            return attributes[at + _ATTRIBUTE.size : at + length]
        at += max(_aligned(length), _ATTRIBUTE.size)
    return b""


def _aligned(length: int) -> int:
    return (length + 3) & ~3
