"""Which questions share an answer, and for how long it stays true."""

import asyncio
from datetime import date, timedelta

from gateway.core.model import Message, Role
from gateway.core.options import Route
from gateway.rules.chat import KnowledgeBase
from gateway.rules.chat.knowledge import Entry
from gateway.rules.chat.lexical import untrained
from gateway.tasks.chat.model import ChatRequest
from gateway.tasks.chat.task import ChatTask

LAST_DAY = date(2026, 11, 27)
SALE = Entry(
    "sale",
    questions={"en": ("Is there a discount on lamps?",)},
    answers={"en": "Lamps cost half until Friday."},
    valid_until=LAST_DAY,
)
SHOP = untrained(KnowledgeBase("shop", (SALE,), version="v1"))
ROUTE = Route(name="main", tiers=(), knowledge_base="shop")


def key(question: str, today: date) -> bytes | None:
    task = ChatTask({"shop": SHOP}, asyncio.Event(), lambda: today)
    request = ChatRequest(messages=(Message(Role.USER, question),))
    return task.cache_text(request, task.draft(request, ROUTE), ROUTE)


def test_an_answer_that_rests_on_an_offer_is_not_given_after_its_last_day() -> None:
    asked = "Is there any discount on the lamps now?"
    on_the_day = key(asked, LAST_DAY)
    assert on_the_day is not None
    assert key(asked, LAST_DAY) == on_the_day
    assert key(asked, LAST_DAY + timedelta(days=1)) != on_the_day
