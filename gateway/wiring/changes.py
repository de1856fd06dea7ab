"""Notices that something outside has changed, once it has come to rest."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Hashable

from gateway.core.options import LiveOptions

log = logging.getLogger(__name__)


class Watch:
    """Calls `act` when what `look` sees has changed and then stood still for one poll.

    The first look counts as a change: between the start's own reading and it something may have
    happened. `look` runs in a thread; `options` are asked anew each time.
    """

    def __init__(
        self,
        look: Callable[[], Hashable],
        act: Callable[[], Awaitable[object]],
        options: Callable[[], LiveOptions],
    ) -> None:
        self._look = look
        self._act = act
        self._options = options
        self._seen: Hashable = None
        self._acted: Hashable = None

    async def run(self) -> None:
        """Watch until cancelled; what goes wrong is logged and tried again."""
        while True:
            if self._options().watch:
                try:
                    await self.once()
                except Exception:
                    log.exception("watching failed; trying again")
            await asyncio.sleep(self._options().poll_s)

    async def once(self) -> bool:
        """Look once; says whether it acted."""
        now = await asyncio.to_thread(self._look)
        settled, self._seen = now == self._seen, now
        if not settled or now == self._acted:
            return False
        await self._act()
        self._acted = now  # only now: what failed is tried again
        return True
