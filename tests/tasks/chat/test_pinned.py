"""A call sees one version of knowledge and tools, whatever is replaced meanwhile."""

import asyncio
from typing import Any

from gateway.core.options import Plan, Tool
from gateway.tasks.chat import ChatTask

PLAN = Plan(version="v1", deployments={}, routes=())


def task(models: dict[str, Any], tools: dict[str, Tool], *, trained: bool = True) -> ChatTask:
    there = asyncio.Event()
    if trained:
        there.set()
    return ChatTask(models, there, tools=lambda: tools)


def test_knowledge_replaced_during_a_call_is_seen_by_the_next_call_only() -> None:
    models: dict[str, Any] = {"shop": "old"}
    living = task(models, {})
    call = living.pinned(PLAN)
    models["shop"] = "new"
    assert str(call._knowledge("shop")) == "old"
    assert str(living.pinned(PLAN)._knowledge("shop")) == "new"


def test_a_call_has_the_tools_of_its_plan() -> None:
    call = task({}, {"new": Any}).pinned(PLAN)  # type: ignore[dict-item] # any tool will do
    assert call._tools() == {}


def test_a_call_of_the_first_moment_gets_the_knowledge_once_it_is_there() -> None:
    models: dict[str, Any] = {}
    call = task(models, {}, trained=False).pinned(PLAN)
    models["shop"] = "trained"
    assert str(call._knowledge("shop")) == "trained"
