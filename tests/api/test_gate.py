"""Who is inside, who is refused, and when the house is empty."""

import asyncio

import pytest

from gateway.api.gate import Gate
from gateway.core.errors import Draining, Shed

pytestmark = pytest.mark.anyio


async def test_calls_are_counted_in_and_out_even_when_they_fail() -> None:
    gate = Gate()
    with gate.admit("Chat"), gate.admit("DetectAnomaly"):
        assert gate.inside == 2
    with pytest.raises(ZeroDivisionError), gate.admit("Chat"):
        raise ZeroDivisionError
    assert gate.inside == 0


async def test_a_limit_holds_for_its_method_alone() -> None:
    gate = Gate({"Chat": 1})
    with gate.admit("Chat"):
        with pytest.raises(Shed, match="Chat has 1 calls"):
            gate.admit("Chat")
        with gate.admit("ExtractKeywords"):
            assert gate.inside == 2
    with gate.admit("Chat"):
        assert gate.inside == 1


async def test_a_drain_refuses_new_calls_and_waits_for_those_inside() -> None:
    gate = Gate()
    with gate.admit("Chat"):
        gate.drain()
        with pytest.raises(Draining):
            gate.admit("Chat")
        assert not await gate.wait_empty(0.01)
        waiting = asyncio.ensure_future(gate.wait_empty(5))
        await asyncio.sleep(0)
    assert await waiting
    assert repr(gate) == "Gate(draining, 0 inside)"
