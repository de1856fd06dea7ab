"""Feedback reaches the cached answer and the log, and never another tenant's."""

import asyncio

import pytest

from gateway.core.engine import Engine
from gateway.core.errors import Shed
from gateway.core.feedback import Feedback, FeedbackDesk, Joined, Rating, RecentAnswers
from gateway.core.model import Answer, Call, Served, Source
from gateway.core.ports import CacheEntry
from gateway.core.stream import StreamEngine
from tests import streams
from tests.fakes import (
    EchoTask,
    FakeCache,
    FakeObserver,
    FakeProvider,
    caller,
    completion,
    deployment,
    plan,
    rooms,
)

pytestmark = pytest.mark.anyio

DOWN = Feedback(request_id="r-1", rating=Rating.DOWN)
UP = Feedback(request_id="r-1", rating=Rating.UP)
KEY = b"k" * 32


class FakeLog:
    """Knows one answer of one tenant; `shed` makes it refuse."""

    def __init__(self, tenant: str = "default", *, shed: bool = False) -> None:
        self.tenant = tenant
        self.shed = shed
        self.kept: list[Feedback] = []
        self.may_reply: asyncio.Event | None = None

    async def judge(self, tenant: str, feedback: Feedback) -> Joined | None:
        if self.shed:
            raise Shed("full")
        if tenant != self.tenant or feedback.request_id != "r-1":
            return None
        self.kept.append(feedback)
        if self.may_reply:
            await self.may_reply.wait()
        return Joined(KEY)


def heard(recent: RecentAnswers, tenant: str, request_id: str, key: bytes | None = KEY) -> None:
    answer = Answer(value="", source=Source.MODEL, route="main")
    served = Served(request="", knowledge_base="", latency_s=0.0, cache_key=key)
    asked = caller(tenant=tenant, request_id=request_id)
    recent.answered(Call.CHAT, asked, answer, served)


async def cache_with_answer() -> FakeCache:
    cache = FakeCache()
    await cache.put(KEY, CacheEntry(completion("hi"), "a", 0.0), 60)
    return cache


async def test_a_thumbs_down_drops_the_cached_answer_without_any_log() -> None:
    cache, recent = await cache_with_answer(), RecentAnswers()
    heard(recent, "default", "r-1")
    assert await FeedbackDesk(recent, cache, None).take("default", DOWN)
    assert cache.kept == {}


async def test_a_thumbs_up_leaves_the_cache_alone() -> None:
    cache, recent = await cache_with_answer(), RecentAnswers()
    heard(recent, "default", "r-1")
    log = FakeLog()
    assert await FeedbackDesk(recent, cache, log).take("default", UP)
    assert list(cache.kept) == [KEY]
    assert log.kept == [UP]


@pytest.mark.parametrize("log", [None, FakeLog("other")], ids=["no log", "log"])
async def test_another_tenants_answer_is_as_unknown_as_none(log: FakeLog | None) -> None:
    cache, recent = await cache_with_answer(), RecentAnswers()
    heard(recent, "other", "r-1")
    desk = FeedbackDesk(recent, cache, log)
    assert not await desk.take("default", DOWN)
    assert not await desk.take("default", Feedback(request_id="never", rating=Rating.DOWN))
    assert list(cache.kept) == [KEY]


async def test_an_answer_forgotten_here_is_found_by_the_log_and_evicted() -> None:
    cache = await cache_with_answer()
    assert await FeedbackDesk(RecentAnswers(), cache, FakeLog()).take("default", DOWN)
    assert cache.kept == {}


async def test_a_rejection_is_evicted_although_who_sent_it_hangs_up_while_it_is_kept() -> None:
    cache, log = await cache_with_answer(), FakeLog()
    desk, log.may_reply = FeedbackDesk(RecentAnswers(), cache, log), asyncio.Event()
    task = asyncio.create_task(desk.take("default", DOWN))
    while not log.kept:
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    log.may_reply.set()
    await desk.drain(60.0)
    assert cache.kept == {}


async def test_a_log_that_cannot_keep_it_says_so_after_the_eviction() -> None:
    cache, recent = await cache_with_answer(), RecentAnswers()
    heard(recent, "default", "r-1")
    with pytest.raises(Shed):
        await FeedbackDesk(recent, cache, FakeLog(shed=True)).take("default", DOWN)
    assert cache.kept == {}


async def test_the_memory_of_a_tenant_is_bounded_and_pushes_out_its_own_oldest_only() -> None:
    recent = RecentAnswers(most=2)
    heard(recent, "quiet", "q")
    for n in range(4):
        heard(recent, "busy", f"b{n}")
    found = [n for n in range(4) if recent.find("busy", f"b{n}")]
    assert found == [2, 3]
    assert recent.find("quiet", "q") == Joined(KEY)
    assert repr(recent) == "RecentAnswers(3 of 2 tenants)"


async def test_the_tenant_longest_silent_is_forgotten_first() -> None:
    recent = RecentAnswers(tenants=2)
    for tenant in ("a", "b", "a", "c"):
        heard(recent, tenant, "r")
    assert [t for t in "abc" if recent.find(t, "r")] == ["a", "c"]


async def test_an_observer_hears_what_was_asked_and_where_the_answer_is_cached() -> None:
    of = rooms(FakeProvider({"a": ["hello"]}), plan([deployment("a")]))
    engine = Engine(of)
    await engine.answer(EchoTask(), "hi", caller())
    observer, cache = of.observer, of.cache
    assert isinstance(observer, FakeObserver)
    assert isinstance(cache, FakeCache)
    served = observer.served[0]
    assert (served.request, served.knowledge_base) == ("hi", "shop")
    assert list(cache.kept) == [served.cache_key]
    async for _ in streams.events(StreamEngine(engine), EchoTask(), "hi", caller()):
        pass
    assert observer.served[1].cache_key == served.cache_key  # of a hit, too
    await engine.answer(EchoTask(), "rules please", caller())
    assert observer.served[2].latency_s >= 0


async def test_a_request_that_is_not_cached_has_no_key() -> None:
    of = rooms(FakeProvider({"a": ["hello"]}), plan([deployment("a")]))
    await Engine(of).answer(EchoTask(), "secret", caller())
    assert isinstance(of.observer, FakeObserver)
    assert of.observer.served[0].cache_key is None
