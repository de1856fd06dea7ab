"""One process's stores behind the real walk, and a model whose answers name who asked."""

import asyncio
from collections.abc import AsyncIterator
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from typing import Any

from gateway.adapters.memory_cache import MemoryCache
from gateway.core.engine import Engine
from gateway.core.events import Completed
from gateway.core.feedback import FeedbackDesk, RecentAnswers
from gateway.core.model import Answer, Chunk, Completion, Finish, Prompt
from gateway.core.options import CacheMemoryOptions, Deployment
from gateway.core.ports import CacheStore
from gateway.core.stream import StreamEngine
from tests import streams
from tests.fakes import EchoTask, FakeProvider, caller, completion, deployment, plan, rooms

# names that run together, differ by case or look like parts of a key are no way in
TENANTS = ("a", "b", "A", "ab", "a.b", "a-b", "default")
TEXTS = ("where", "b", "how", "a")
REQUEST_IDS = ("r1", "r2", "r3")
WHO = ContextVar("who", default="")


class Marking(FakeProvider):
    """Each answer names the tenant whose call asked for it."""

    async def complete(
        self, deployment: Deployment, prompt: Prompt, timeout_s: float
    ) -> Completion:
        await asyncio.sleep(0)
        return completion(f"for {WHO.get()}: {prompt.messages[-1].text}")

    async def _chunks(self, deployment: Deployment) -> AsyncIterator[Chunk]:
        for text in (f"for {WHO.get()}: ", self.asked[-1][1].messages[-1].text):
            await asyncio.sleep(0)
            yield Chunk(text=text)
        yield Chunk(finish=Finish.STOP, model=deployment.model)


@dataclass
class House:
    """The stores of one process, and calls to them as a tenant."""

    cache: CacheStore = field(
        default_factory=lambda: MemoryCache(CacheMemoryOptions(), lambda: 1_000.0)
    )
    recent: RecentAnswers = field(default_factory=RecentAnswers)

    def __post_init__(self) -> None:
        provider = Marking()
        self.engine = Engine(
            rooms(provider, plan([deployment("a")]), cache=self.cache, observer=self.recent)
        )
        self.desk = FeedbackDesk(self.recent, self.cache, None)

    async def ask(self, tenant: str, request_id: str, text: str) -> Answer[Any]:
        WHO.set(tenant)
        who = replace(caller(tenant=tenant), request_id=request_id)
        return await self.engine.answer(EchoTask(), text, who)

    async def stream(self, tenant: str, request_id: str, text: str) -> Answer[Any]:
        WHO.set(tenant)
        who = replace(caller(tenant=tenant), request_id=request_id)
        events = [e async for e in streams.events(StreamEngine(self.engine), EchoTask(), text, who)]
        assert isinstance(events[-1], Completed)
        return events[-1].answer
