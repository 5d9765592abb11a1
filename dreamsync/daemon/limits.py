"""Bandwidth: what the settings allow each way, and when."""

import time
from collections.abc import Callable
from datetime import datetime

from dreamsync.config.hours import in_hours, parse_hours
from dreamsync.config.settings import NetworkSettings
from dreamsync.remotes.throttle import TokenBucket


class Limits:
    """How many bytes a second may go each way; all transfers share them, also those under way.

    `local_time` is what the clock on the wall shows.
    """

    def __init__(
        self, network: NetworkSettings, *, local_time: Callable[[], datetime] = datetime.now
    ) -> None:
        self.up = TokenBucket(None, now=time.monotonic, sleep=time.sleep)
        self.down = TokenBucket(None, now=time.monotonic, sleep=time.sleep)
        self._local_time = local_time
        self.apply(network)

    def apply(self, network: NetworkSettings) -> None:
        """From the next bytes on."""
        self._network = network
        self._hours = parse_hours(network.limit_hours)
        self.follow_clock()

    def follow_clock(self) -> None:
        """To be called now and then: the limits begin and end with their hours."""
        hold = not self._hours or in_hours(self._hours, self._local_time())
        self.up.rate = (self._network.upload_limit_kib * 1024 or None) if hold else None
        self.down.rate = (self._network.download_limit_kib * 1024 or None) if hold else None
