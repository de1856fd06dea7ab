"""One tiny fake for each port; tests put rooms together with them."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from gateway.core.errors import OutputInvalid, ProviderError
from gateway.core.health import HealthBoard
from gateway.core.model import (
    Answer,
    Attempt,
    Call,
    Caller,
    Chunk,
    Completion,
    Deadline,
    Finish,
    Message,
    Prompt,
    Role,
    Served,
    Usage,
)
from gateway.core.options import Deployment, Plan, Route, Target
from gateway.core.ports import CacheEntry
from gateway.core.rooms import Rooms
from gateway.core.slots import Slots

Behaviour = str | ProviderError | float | type[Exception] | Chunk


@dataclass
class FakeProvider:
    """Plays per deployment a list of behaviours: a text, an error to raise, seconds of silence."""

    script: dict[str, list[Behaviour]] = field(default_factory=dict)
    asked: list[tuple[str, Prompt]] = field(default_factory=list)
    open: int = 0
    up: asyncio.Event | None = None

    async def ready(self) -> None:
        if self.up is not None:
            await self.up.wait()

    async def complete(
        self, deployment: Deployment, prompt: Prompt, timeout_s: float
    ) -> Completion:
        self.asked.append((deployment.name, prompt))
        text = await self._play(self.script[deployment.name].pop(0))
        return completion(text, deployment.model)

    @asynccontextmanager
    async def stream(
        self, deployment: Deployment, prompt: Prompt, timeout_s: float
    ) -> AsyncIterator[AsyncIterator[Chunk]]:
        self.asked.append((deployment.name, prompt))
        self.open += 1
        try:
            yield self._chunks(deployment)
        finally:
            self.open -= 1

    async def _chunks(self, deployment: Deployment) -> AsyncIterator[Chunk]:
        """Texts are chunks; what follows them decides the end; a list that ends, ends well."""
        played = self.script[deployment.name]
        while played:
            play = played.pop(0)
            yield play if isinstance(play, Chunk) else Chunk(text=await self._play(play))
        yield Chunk(finish=Finish.STOP, usage=Usage(7, 0, 3), model=deployment.model)

    async def _play(self, behaviour: Behaviour) -> str:
        if isinstance(behaviour, float):
            await asyncio.sleep(behaviour)
            return ""
        if isinstance(behaviour, str):
            return behaviour
        assert not isinstance(behaviour, Chunk)  # of streams only
        raise behaviour


class FakeCache:
    """Keeps everything for ever."""

    def __init__(self) -> None:
        self.kept: dict[bytes, CacheEntry] = {}

    async def get(self, key: bytes) -> CacheEntry | None:
        return self.kept.get(key)

    async def put(self, key: bytes, entry: CacheEntry, ttl_s: float) -> None:
        self.kept[key] = entry

    async def drop(self, key: bytes) -> None:
        self.kept.pop(key, None)


class InlineRunner:
    """Runs the rules where it stands."""

    async def run(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        return function(*args, **kwargs)


@dataclass
class FakeObserver:
    """Remembers what it heard."""

    attempts: list[Attempt] = field(default_factory=list)
    answers: list[Answer[Any]] = field(default_factory=list)
    served: list[Served] = field(default_factory=list)

    def attempted(self, call: Call, caller: Caller, attempt: Attempt) -> None:
        self.attempts.append(attempt)

    def answered(self, call: Call, caller: Caller, answer: Answer[Any], served: Served) -> None:
        self.answers.append(answer)
        self.served.append(served)


@dataclass(frozen=True)
class Echo:
    """The value of `EchoTask`."""

    text: str


class EchoTask:
    """A task whose answer is the model's text; "bad" cannot be used; rules shout the request."""

    call = Call.CHAT
    version = "echo-1"
    drafts_first = False
    heavy = False

    def knowledge_base(self, request: str, route: Route) -> str:
        return request.partition("kb:")[2] or route.knowledge_base

    async def ready(self) -> None: ...

    def cache_text(self, request: str, draft: str | None, route: Route) -> bytes | None:
        return None if request.startswith("secret") else request.encode()

    def draft(self, request: str, route: Route) -> str:
        return request.upper()

    def prompt(self, request: str, draft: str | None, route: Route) -> Prompt | None:
        if request == "rules please":
            return None
        return Prompt(messages=(Message(Role.USER, request),), max_output_tokens=64)

    def parse(self, request: str, draft: str | None, completion: Completion) -> Echo:
        if completion.text == "bad":
            raise OutputInvalid("the reply is bad")
        return Echo(completion.text)

    def rules(self, request: str, draft: str) -> Echo:
        return Echo(f"rules: {draft}")


def completion(text: str, model: str = "m") -> Completion:
    return Completion(text=text, model=model, finish=Finish.STOP, usage=Usage(7, 0, 3, 0, 10))


def deployment(name: str, **options: Any) -> Deployment:
    return Deployment(name=name, provider="openai", model=f"model-{name}", **options)


def plan(*tiers: Iterable[Deployment], **route: Any) -> Plan:
    rows = [tuple(tier) for tier in tiers]
    return Plan(
        version="v1",
        deployments={d.name: d for row in rows for d in row},
        routes=(
            Route(
                name="main", tiers=tuple(tuple(Target(d.name) for d in r) for r in rows), **route
            ),
        ),
    )


def rooms(provider: FakeProvider, of: Plan, **other: Any) -> Rooms:
    rng = random.Random(7)
    parts: dict[str, Any] = {
        "plan": lambda: of,
        "provider": provider,
        "health": HealthBoard(rng),
        "cache": FakeCache(),
        "runner": InlineRunner(),
        "observer": FakeObserver(),
        "clock": asyncio.get_running_loop().time,
        "wall": lambda: 1_000.0,
        "rng": rng,
        "doors": {call: Slots(lambda: 8) for call in Call},
        "door_wait_s": 0.05,
    }
    return Rooms(**(parts | other))


def caller(within_s: float = 5.0, **other: Any) -> Caller:
    deadline = Deadline(asyncio.get_running_loop().time() + within_s)
    parts: dict[str, Any] = {"request_id": "r-1", "deadline": deadline}
    return Caller(**(parts | other))
