"""The door to the models: so many calls of one kind at once; the others are for the rules."""

from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Any

from gateway.core.errors import Shed
from gateway.core.options import OnOverload
from gateway.core.rooms import Rooms
from gateway.core.walk import Walk


class Door:
    """Holds one place, as an async context manager that tells whether there was one.

    `ready`: whether models can be spoken to at all. Entering raises Shed where the route rejects
    what it has no room for. A class, since a generator takes twice the memory while a call waits.
    """

    __slots__ = ("_entered", "_ready", "_rooms", "_walk")

    def __init__(
        self,
        rooms: Rooms,
        walk: Walk[Any, Any, Any],
        ready: Callable[[Walk[Any, Any, Any]], Awaitable[bool]],
    ) -> None:
        self._rooms = rooms
        self._walk = walk
        self._ready = ready
        self._entered = False

    async def __aenter__(self) -> bool:
        rooms, walk = self._rooms, self._walk
        if not await self._ready(walk):
            return False
        wait_s = min(rooms.door_wait_s, walk.models_time_s(rooms.clock()))
        self._entered = await rooms.doors[walk.call].acquire(wait_s)
        if not self._entered:
            if walk.route.rules.on_overload is OnOverload.REJECT:
                raise Shed(f"too many {walk.call.value} calls at once")
            walk.slots_full = True
        return self._entered

    async def __aexit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        if self._entered:
            self._rooms.doors[self._walk.call].release()
