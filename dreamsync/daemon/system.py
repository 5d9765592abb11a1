"""The real clock and the real random numbers, for the engine's seams."""

import random
import secrets
import time


class SystemClock:
    def now_ms(self) -> int:
        return time.time_ns() // 1_000_000

    def monotonic(self) -> float:
        return time.monotonic()


class SystemRandom:
    def token(self) -> str:
        return secrets.token_hex(16)

    def jitter(self) -> float:
        return random.uniform(0.5, 1.5)  # noqa: S311 - spreads retries, keeps no secret
