"""What a key may not do is refused on the walk, whatever the cache holds."""

from typing import Any

import pytest

from gateway.core.engine import Engine
from gateway.core.errors import PermissionDenied
from gateway.core.model import Call, Source
from gateway.core.permits import permit_call
from gateway.core.routing import explain
from gateway.core.scopes import Scopes
from gateway.core.stream import StreamEngine
from tests import streams
from tests.fakes import EchoTask, FakeProvider, caller, deployment, plan, rooms

pytestmark = pytest.mark.anyio
PLAN = plan([deployment("a")])  # its one route is "main", its knowledge base "shop"


def engine() -> tuple[Engine, FakeProvider]:
    provider = FakeProvider({"a": ["hello", "again"]})
    return Engine(rooms(provider, PLAN)), provider


@pytest.mark.parametrize(
    "scopes",
    [
        Scopes(),
        Scopes(routes=("other", "main"), knowledge_bases=("shop",)),
        Scopes(calls=("chat",)),
    ],
)
async def test_what_is_allowed_is_answered(scopes: Scopes) -> None:
    answer = await engine()[0].answer(EchoTask(), "hi", caller(scopes=scopes))
    assert answer.source is Source.MODEL


@pytest.mark.parametrize(
    ("scopes", "told"),
    [
        (Scopes(routes=("other",)), "the key may not use the route 'main' that takes this call"),
        (Scopes(knowledge_bases=("eu",)), "the key may not use the knowledge base 'shop'"),
    ],
)
async def test_what_is_held_back_is_refused_before_the_cache_and_any_model(
    scopes: Scopes, told: str
) -> None:
    gateway, provider = engine()
    await gateway.answer(EchoTask(), "hi", caller())  # now it is in the cache
    with pytest.raises(PermissionDenied, match=told):
        await gateway.answer(EchoTask(), "hi", caller(scopes=scopes))
    with pytest.raises(PermissionDenied, match=told):
        await anext(streams.events(StreamEngine(gateway), EchoTask(), "hi", caller(scopes=scopes)))
    assert len(provider.asked) == 1


async def test_a_knowledge_base_held_back_is_refused_alike_whether_or_not_it_exists() -> None:
    # EchoTask takes any name: nothing is looked up before the scope is asked
    told = set()
    for name in ("shop", "nowhere"):
        with pytest.raises(PermissionDenied) as caught:
            await engine()[0].answer(
                EchoTask(), f"kb:{name}", caller(scopes=Scopes(knowledge_bases=("eu",)))
            )
        told.add(str(caught.value).replace(name, "NAME"))
    assert told == {"the key may not use the knowledge base 'NAME'"}


async def test_a_named_knowledge_base_counts_instead_of_the_routes() -> None:
    answer = await engine()[0].answer(
        EchoTask(), "kb:eu", caller(scopes=Scopes(knowledge_bases=("eu",)))
    )
    assert answer.source is Source.MODEL


def test_a_call_held_back_is_refused_with_the_calls_that_are_not() -> None:
    scopes = Scopes(calls=("chat", "submit_feedback"))
    permit_call(scopes, "chat")
    with pytest.raises(PermissionDenied) as caught:
        permit_call(scopes, "detect_anomaly")
    told = "the key may not call 'detect_anomaly'; it may call chat, submit_feedback"
    assert str(caught.value) == told


@pytest.mark.parametrize(
    ("scopes", "knowledge_base", "refused"),
    [
        (Scopes(), "", ""),
        (Scopes(calls=("extract_keywords",)), "", "the key may not call 'chat'"),
        (Scopes(routes=("x",)), "", "the key may not use the route 'main'"),
        (Scopes(knowledge_bases=("eu",)), "", "the key may not use the knowledge base 'shop'"),
        (Scopes(knowledge_bases=("eu",)), "eu", ""),
        (Scopes(knowledge_bases=("shop",)), "eu", "the key may not use the knowledge base 'eu'"),
    ],
)
async def test_explain_tells_what_the_key_may_not_do(
    scopes: Scopes, knowledge_base: str, refused: str
) -> None:
    who: Any = caller(scopes=scopes)
    found = explain(PLAN, Call.CHAT, who, knowledge_base)
    assert found.refused.startswith(refused)
    assert bool(found.refused) == bool(refused)
    assert bool(found.deployments) == (not refused)
