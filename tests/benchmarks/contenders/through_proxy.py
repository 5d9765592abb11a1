"""dreamsync with a proxy before each device, which counts the bytes that go up and come down."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.contenders.dreamsync import listen
from tests.support.counting_proxy import CountingProxy, counting_proxy
from tests.support.e2e import Instance, ServerProcess, Workbench


@dataclass(frozen=True, slots=True)
class ProxiedPair:
    server: ServerProcess
    a: Instance
    b: Instance
    proxy_a: CountingProxy
    proxy_b: CountingProxy


@contextmanager
def proxied_pair(folder: Path) -> Iterator[ProxiedPair]:
    with Workbench(folder) as bench:
        server = bench.server()
        with counting_proxy(server.port) as proxy_a, counting_proxy(server.port) as proxy_b:
            a, b = bench.instance("a"), bench.instance("b")
            for device, proxy in ((a, proxy_a), (b, proxy_b)):
                device.login(proxy.url)
                device.start()
                listen(device)
            yield ProxiedPair(server, a, b, proxy_a, proxy_b)
