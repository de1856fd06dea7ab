"""What the server saw: a bounded ring of calls, and a way to wait for the next change."""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

RING = 10_000  # calls kept
BODY_KEPT_BYTES = 32_768  # a larger body is kept as its keys and sizes
SECRET_HEADERS = frozenset({"authorization", "api-key", "x-api-key", "cookie", "x-goog-api-key"})
REDACTED = "<redacted>"

_WALL_OFFSET_S = time.time() - time.monotonic()  # read once, so that times never run backwards


def now_s() -> float:
    """Unix time that only goes forward, in seconds."""
    return time.monotonic() + _WALL_OFFSET_S


@dataclass(slots=True)
class Seen:
    """One call. Times are Unix seconds; `hung_up_s` is set if the caller left before the end."""

    method: str
    path: str
    headers: dict[str, str]
    body: Any
    model: str
    received_s: float
    played: str = ""
    bytes_sent: int = 0
    finished_s: float | None = None
    hung_up_s: float | None = None

    @property
    def in_flight(self) -> bool:
        """Whether the reply is still being sent."""
        return self.finished_s is None and self.hung_up_s is None


@dataclass(slots=True)
class Log:
    """The last calls, oldest first."""

    _ring: deque[Seen] = field(default_factory=lambda: deque(maxlen=RING))
    _waiting: list[asyncio.Future[None]] = field(default_factory=list)

    def add(self, seen: Seen) -> None:
        """Keep a call, dropping the oldest of a full ring."""
        self._ring.append(seen)
        self.changed()

    def changed(self) -> None:
        """Wake whoever waits for something to happen."""
        for waiting in self._waiting:
            if not waiting.done():
                waiting.set_result(None)
        self._waiting.clear()

    def seen(self, model: str | None = None) -> list[Seen]:
        """The calls kept, of one model or of all."""
        return [seen for seen in self._ring if model is None or seen.model == model]

    def clear(self) -> None:
        """Forget all calls."""
        self._ring.clear()

    async def until(self, true: Callable[[], bool], within_s: float) -> None:
        """Return as soon as the condition holds; TimeoutError if it does not in time."""
        async with asyncio.timeout(within_s):
            while not true():
                waiting = asyncio.get_running_loop().create_future()
                self._waiting.append(waiting)
                await waiting

    def as_json(self, model: str | None, last: int) -> list[dict[str, Any]]:
        """The last calls as plain data, oldest first."""
        return [asdict(seen) for seen in self.seen(model)[-last:]]


def without_secrets(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers, with the values that open doors taken out."""
    return {k: REDACTED if k in SECRET_HEADERS else v for k, v in headers.items()}


def kept_body(body: Any, size: int) -> Any:
    """The parsed body, or a summary of one too large to keep ten thousand of."""
    if size <= BODY_KEPT_BYTES or not isinstance(body, dict):
        return body if size <= BODY_KEPT_BYTES else {"_bytes": size}
    short = {k: v for k, v in body.items() if isinstance(v, str | int | float | bool | None)}
    return {**{k: v for k, v in short.items() if len(str(v)) < 200}, "_bytes": size}
