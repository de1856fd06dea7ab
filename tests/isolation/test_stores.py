"""Whatever two tenants do, in any order or at once, neither gets anything of the other's."""

import asyncio
import tempfile
from collections.abc import Coroutine
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.adapters.sqlite import Masks, QuestionLog
from gateway.core.actions import Actions
from gateway.core.errors import InvalidRequest
from gateway.core.feedback import Feedback, Rating
from gateway.core.model import Answer, Source
from gateway.core.options import QuestionLogOptions
from gateway.core.questions import Question
from gateway.core.tools import Asker
from tests.isolation import house
from tests.isolation.house import House

TENANTS = st.sampled_from(house.TENANTS)
TEXTS = st.sampled_from(house.TEXTS)
REQUEST_IDS = st.sampled_from(house.REQUEST_IDS)

CALLS = st.lists(st.tuples(TENANTS, REQUEST_IDS, TEXTS, st.booleans()), max_size=25)


@settings(max_examples=200)
@given(CALLS, st.booleans())
def test_no_tenant_gets_an_answer_that_was_made_for_another(
    calls: list[tuple[str, str, str, bool]], at_once: bool
) -> None:
    """Cache and single flight, streamed or not, one after the other or all at once."""

    async def play() -> list[Answer[Any]]:
        process = House()
        works: list[Coroutine[Any, Any, Answer[Any]]] = [
            (process.stream if streamed else process.ask)(tenant, request_id, text)
            for tenant, request_id, text, streamed in calls
        ]
        if at_once:
            return list(await asyncio.gather(*works))
        return [await asyncio.create_task(work) for work in works]

    answers = asyncio.run(play())
    for (tenant, *_), answer in zip(calls, answers, strict=True):
        assert answer.value.text.startswith(f"for {tenant}: ")
    if not at_once:
        seen = set()
        for (tenant, _, text, _), answer in zip(calls, answers, strict=True):
            assert ((tenant, text) in seen) == (answer.source is Source.CACHE)
            seen.add((tenant, text))


@settings(max_examples=200)
@given(st.lists(st.tuples(TENANTS, REQUEST_IDS, TEXTS), max_size=12), TENANTS, REQUEST_IDS, TEXTS)
def test_feedback_on_anothers_answer_is_as_unknown_as_on_none_and_changes_nothing(
    calls: list[tuple[str, str, str]], tenant: str, request_id: str, text: str
) -> None:
    async def play() -> None:
        process = House()
        for who, its_id, its_text in calls:
            await asyncio.create_task(process.ask(who, its_id, its_text))
        others = [call for call in calls if call[0] != tenant]
        known = await process.desk.take(tenant, Feedback(request_id=request_id, rating=Rating.DOWN))
        assert known == any(call[:2] == (tenant, request_id) for call in calls)
        for who, _, its_text in others:
            again = await asyncio.create_task(process.ask(who, "later", its_text))
            assert again.source is Source.CACHE

    asyncio.run(play())


@given(TENANTS, TENANTS, st.sampled_from(["", "C1", "a", "ab"]), st.sampled_from(["", "b", "t"]))
def test_a_confirm_token_is_of_no_use_to_another_tenant(
    owner: str, thief: str, customer: str, conversation: str
) -> None:
    actions, asker = Actions(), Asker(customer, verified=True, conversation_id=conversation)
    action = actions.propose("cancel", {"order_id": "A1"}, (owner, asker), 0.0)
    assert action is not None
    mine = replace(asker, confirm_token=action.token)
    if owner == thief:
        assert actions.confirmed((thief, mine), 1.0).once == action.once
    else:
        told = []
        for token in (action.token, f"{action.token[:-3]}AAA"):
            with pytest.raises(InvalidRequest) as caught:
                actions.confirmed((thief, replace(asker, confirm_token=token)), 1.0)
            told.append(str(caught.value))
        assert told[0] == told[1]  # a foreign token looks like a forged one


@settings(max_examples=15)
@given(st.lists(st.tuples(TENANTS, REQUEST_IDS), max_size=8), TENANTS, REQUEST_IDS)
def test_the_question_log_joins_feedback_to_the_tenants_own_question_only(
    asked: list[tuple[str, str]], tenant: str, request_id: str
) -> None:
    async def play(path: Path) -> None:
        as_it_is = Masks(lambda question: question, lambda feedback: feedback)
        options = QuestionLogOptions(enabled=True, path=str(path))
        kept = QuestionLog(options, as_it_is, lambda: 0.0, lambda: 1_000.0)
        kept.start()
        try:
            for who, its_id in asked:
                kept.add(Question(at_s=999.0, tenant=who, request_id=its_id, question="q"))
            joined = await kept.judge(tenant, Feedback(request_id=request_id, rating=Rating.UP))
            assert (joined is not None) == ((tenant, request_id) in asked)
        finally:
            await asyncio.to_thread(kept.close)

    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(play(Path(folder) / "questions.sqlite"))
