"""One of several processes that want the same limits: `python -m ... URL KIND SECONDS`.

Prints what it got: calls granted, refused, and those for which Redis could not be asked; and from
when to when it asked, by Redis' clock.
"""

import asyncio
import json
import sys
import time

from gateway.adapters.redis import RedisLimits, RedisLink, State
from gateway.core.limits.checks import Check, Grant, Places, Rate, Window
from gateway.core.limits.ports import LimitsUnavailable
from gateway.core.options import RedisAccess

AT_ONCE = 20
PER_SECOND = 400.0
BURST = 2_000
"""Five seconds of the pace: no pause of a busy machine is long enough to waste any of it."""
TOKENS = 3_000
PLACES = 7

CHECKS: dict[str, list[Check]] = {
    "rate": [Rate(key="calls", interval_s=1 / PER_SECOND, burst=BURST)],
    "window": [
        Rate(key="calls", interval_s=1_000.0, burst=1_000_000),
        Window(key="tokens", limit=TOKENS, amount=3, left_s=1_000.0),
    ],
    "places": [Places(key="places", limit=PLACES, ttl_s=1_000.0)],
}


async def contend(url: str, kind: str, seconds: float) -> dict[str, float]:
    link = RedisLink(RedisAccess(url=url, timeout_s=1.0), time.monotonic)
    await link.start()
    limits = RedisLimits(link)
    got = {"granted": 0.0, "refused": 0.0, "unknown": 0.0, "fullest": 0.0}

    async def want() -> None:
        until_s = time.monotonic() + seconds
        while time.monotonic() < until_s:
            try:
                verdict = await limits.reserve(CHECKS[kind])
                if isinstance(verdict, Grant):
                    got["granted"] += 1
                    got["fullest"] = max(got["fullest"], *verdict.levels)
                    if kind == "places":
                        await asyncio.sleep(0.002)
                        await limits.settle(verdict)
                else:
                    got["refused"] += 1
            except LimitsUnavailable:
                got["unknown"] += 1
                await asyncio.sleep(0.01)

    async def now_s() -> float:
        seconds, micros = await link.read("TIME")
        return float(seconds) + float(micros) / 1e6

    assert link.state is State.UP
    got["from_s"] = await now_s()
    await asyncio.gather(*(want() for _ in range(AT_ONCE)))
    got["until_s"] = await now_s()
    await link.aclose()
    return got


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asyncio.run(contend(sys.argv[1], sys.argv[2], float(sys.argv[3])))))
