"""Ports that tell what passes through them: the cache, the rules' processes, the tools."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ParamSpec, Protocol, TypeVar

from gateway.core.current import CURRENT
from gateway.core.errors import GatewayError, Shed, ToolFailed, ToolNotReached, ToolRefused
from gateway.core.options import Tool
from gateway.core.ports import CacheEntry, CacheStore, RulesRunner, ToolRunner
from gateway.core.tools import OnBehalf

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Step:
    """One passage. `kind`: cache, rules or tool; `name`: which; `result`: how it ended."""

    kind: str
    name: str
    result: str
    took_s: float


class HearsSteps(Protocol):
    """Whoever wants to know; must not raise or block."""

    def stepped(self, step: Step) -> None:
        """A step is over."""
        ...


class _Told:
    def __init__(self, hearers: Sequence[HearsSteps]) -> None:
        self._hearers = tuple(hearers)

    def _tell(self, kind: str, name: str, result: str, began_s: float) -> float:
        took_s = time.monotonic() - began_s
        step = Step(kind, name, result, took_s)
        for hearer in self._hearers:
            hearer.stepped(step)
        return took_s


class WatchedCache(_Told):
    """A `CacheStore` that tells of look-ups: hit or miss."""

    def __init__(self, cache: CacheStore, hearers: Sequence[HearsSteps]) -> None:
        super().__init__(hearers)
        self._cache = cache

    async def get(self, key: bytes) -> CacheEntry | None:
        """The entry, or None."""
        began_s = time.monotonic()
        entry = await self._cache.get(key)
        self._tell("cache", "get", "miss" if entry is None else "hit", began_s)
        return entry

    async def put(self, key: bytes, entry: CacheEntry, ttl_s: float) -> None:
        """Keep it for `ttl_s` seconds."""
        await self._cache.put(key, entry, ttl_s)

    async def drop(self, key: bytes) -> None:
        """Forget it."""
        await self._cache.drop(key)


class WatchedRunner(_Told):
    """A `RulesRunner` that tells how long work took, waiting for a process included."""

    def __init__(self, runner: RulesRunner, hearers: Sequence[HearsSteps]) -> None:
        super().__init__(hearers)
        self._runner = runner

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `function` elsewhere."""
        began_s, result = time.monotonic(), "failed"
        try:
            value = await self._runner.run(function, *args, **kwargs)
            result = "ok"
        except GatewayError as error:
            result = "shed" if isinstance(error, Shed) else "refused"
            raise
        finally:
            self._tell("rules", function.__qualname__, result, began_s)
        return value


class WatchedTools(_Told):
    """A `ToolRunner` that tells how runs ended, and notes the time a call waited for them."""

    def __init__(self, tools: ToolRunner, hearers: Sequence[HearsSteps]) -> None:
        super().__init__(hearers)
        self._tools = tools

    def refusal(self, tool: Tool, arguments: Mapping[str, Any]) -> str:
        """Why these arguments do not fit the tool's schema."""
        return self._tools.refusal(tool, arguments)

    async def run(
        self, tool: Tool, arguments: Mapping[str, Any], behalf: OnBehalf
    ) -> Mapping[str, Any] | None:
        """The allowed fields of its result."""
        began_s, result = time.monotonic(), "abandoned"
        try:
            fields = await self._tools.run(tool, arguments, behalf)
            result = "not_found" if fields is None else "found"
        except ToolFailed as error:
            result = _failure(error)
            raise
        finally:
            took_s = self._tell("tool", tool.name, result, began_s)
            if call := CURRENT.get():
                call.tools_s += took_s
        return fields


def _failure(error: ToolFailed) -> str:
    if isinstance(error, ToolNotReached):
        return "not_reached"
    return "refused" if isinstance(error, ToolRefused) else "failed"
