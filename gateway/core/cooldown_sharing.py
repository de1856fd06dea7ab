"""Cool-downs that gateways tell one another, so that each need not run into the same 429.

Twice a second, beside the calls: what this process has learned goes out, what others know comes
in. A call never waits for it.
"""

import asyncio
import hashlib
import logging
from collections.abc import Mapping
from typing import Protocol

from gateway.core.health import Health, HealthBoard
from gateway.core.options import Deployment
from gateway.core.ports import Clock

log = logging.getLogger(__name__)

EVERY_S = 0.5
LEAST_S = 1.0
"""Shorter cool-downs are over before others would hear of them."""
NAME_CHARACTERS = 32


class CooldownStore(Protocol):
    """What gateways know together. Never raises, but for bugs."""

    async def exchange(self, known_s: Mapping[str, float]) -> Mapping[str, float]:
        """Tell and learn: by name, the seconds for which it is to be left alone."""
        ...


def shared_name(deployment: Deployment) -> str:
    """What gateways call a deployment among themselves; the same only for the same model there."""
    parts = (deployment.name, deployment.provider, deployment.base_url, deployment.model)
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:NAME_CHARACTERS]


class CooldownSharing:
    """Shares the cool-downs of a board; run it as a task."""

    def __init__(self, store: CooldownStore, board: HealthBoard, clock: Clock) -> None:
        self._store = store
        self._board = board
        self._clock = clock
        self._taken_over: dict[str, float] = {}

    def __repr__(self) -> str:
        return f"CooldownSharing({self._store!r})"

    async def run(self) -> None:
        """Exchange for ever."""
        while True:
            await asyncio.sleep(EVERY_S)
            try:
                await self.exchange()
            except Exception:
                log.exception("cool-downs could not be shared")

    async def exchange(self) -> None:
        """Exchange once."""
        healths = {shared_name(health.deployment): health for health in self._board}
        now_s = self._clock()
        learned = await self._store.exchange(
            {
                name: health.cooling_s(now_s)
                for name, health in healths.items()
                if self._is_own(name, health, now_s)
            }
        )
        now_s = self._clock()
        for name in healths.keys() & learned.keys():
            health, left_s = healths[name], learned[name]
            if left_s > health.cooling_s(now_s):
                health.cool_down(now_s, left_s)
                self._taken_over[name] = now_s + health.cooling_s(now_s)
        over = [name for name, until_s in self._taken_over.items() if until_s <= now_s]
        for name in over:
            del self._taken_over[name]

    def _is_own(self, name: str, health: Health, now_s: float) -> bool:
        """Whether this process has learned it itself: what others told is not told back."""
        left_s = health.cooling_s(now_s)
        return left_s >= LEAST_S and now_s + left_s > self._taken_over.get(name, 0.0) + LEAST_S
