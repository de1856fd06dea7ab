"""Files that are read again when they change, off the event loop."""

import asyncio
import logging
from collections.abc import Callable
from typing import Generic, TypeVar

R = TypeVar("R")
T = TypeVar("T")

POLL_S = 1.0
"""Seconds between two looks. A rotation holds after one look and one reading: well under 5 s."""

log = logging.getLogger(__name__)


class Watched(Generic[R, T]):
    """A value made of files, and what happens when they say something else.

    The files are read whole each time: a modification time tells neither of a mounted secret that
    is swapped by a link nor of two writes within its grain. `make` is called for what differs from
    what is in force; it may raise anything. What cannot be used is told once, and the last good
    value stays. `use` is called on the event loop.
    """

    def __init__(
        self, name: str, read: Callable[[], R], make: Callable[[R], T], use: Callable[[T], None]
    ) -> None:
        self._name = name
        self._read = read
        self._make = make
        self._use = use
        self._raw = read()
        self.value = make(self._raw)
        self.fault = ""

    def __repr__(self) -> str:
        return f"Watched({self._name}, fault={self.fault!r})"

    async def watch(self, poll_s: float = POLL_S) -> None:
        """Look again and again, until cancelled."""
        while True:
            await asyncio.sleep(poll_s)
            await self.look()

    async def look(self) -> None:
        """Look once; uses what has changed."""
        try:
            raw, value = await asyncio.to_thread(self._made)
        except Exception as error:  # noqa: BLE001 # a watcher that ends would miss the mended file
            self._refuse(error)
            return
        if self.fault:
            log.warning("%s can be used again", self._name)
        self.fault = ""
        changed = value != self.value
        self._raw, self.value = raw, value
        if changed:
            self._use(value)

    def _made(self) -> tuple[R, T]:
        raw = self._read()
        return raw, self.value if raw == self._raw else self._make(raw)

    def _refuse(self, error: Exception) -> None:
        told = str(error) or repr(error)
        if told != self.fault:
            log.error("%s cannot be used, the old one goes on: %s", self._name, told)
        self.fault = told
