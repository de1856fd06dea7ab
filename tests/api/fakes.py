"""Small stand-ins for what lies behind the edge."""

import asyncio
from collections.abc import Callable
from typing import Any

from gateway.core.events import Completed, Delta, ReaderGone, Started, Tell
from gateway.core.feedback import Feedback
from gateway.core.model import Answer, Call, Caller, Source
from gateway.tasks.chat.model import AnswerKind, ChatReply
from gateway.tasks.nouns import DetectResult, Interval, KeywordResult, Measure

CHAT = ChatReply(text="Your order is on its way.", kind=AnswerKind.FAQ, intent="faq:where")
KEYWORDS = KeywordResult((), "dog bed", (), "en")
ANOMALY = DetectResult("s", (), "Nothing unusual.", (), 1, 3.0, Interval.DAY, Measure.COUNT, "", "")
VALUES: dict[Call, Any] = {
    Call.CHAT: CHAT,
    Call.EXTRACT_KEYWORDS: KEYWORDS,
    Call.DETECT_ANOMALY: ANOMALY,
}


class FakeTask:
    """A task by its call alone; the edge asks nothing else of it."""

    def __init__(self, call: Call) -> None:
        self.call = call


class FakeEngine:
    """Answers at once, or does what `act` says; remembers who asked and who hung up."""

    def __init__(self) -> None:
        self.act: Callable[[Caller], Any] = lambda _: None
        self.seen: list[tuple[Any, Caller]] = []
        self.cancelled = asyncio.Event()

    async def answer(self, task: Any, request: Any, caller: Caller) -> Answer[Any]:
        self.seen.append((request, caller))
        try:
            if (waiting := self.act(caller)) is not None:
                await waiting
        except asyncio.CancelledError:
            self.cancelled.set()
            raise
        return Answer(value=VALUES[task.call], source=Source.RULES, route="r")

    async def relay(self, task: Any, request: Any, caller: Caller, tell: Tell) -> None:
        try:
            await tell(Started("deepseek"))
            for word in ("Your order ", "is on its way."):
                await tell(Delta(word))
            await tell(Completed(await self.answer(task, request, caller)))
        except (asyncio.CancelledError, ReaderGone):
            self.cancelled.set()
            raise


class FakeDesk:
    """Knows the answers in `known`, as (tenant, request id); remembers what it was told."""

    def __init__(self) -> None:
        self.known: set[tuple[str, str]] = set()
        self.taken: list[tuple[str, Feedback]] = []

    async def take(self, tenant: str, feedback: Feedback) -> bool:
        self.taken.append((tenant, feedback))
        return (tenant, feedback.request_id) in self.known
