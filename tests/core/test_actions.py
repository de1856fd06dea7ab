"""Confirm tokens: whose they are, how long they live, what they refuse."""

import asyncio
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.actions import MAX_TOKEN_CHARACTERS, VALID_S, Actions
from gateway.core.errors import InvalidRequest
from gateway.core.tools import Asker, Ended, ToolRun

NOW_S = 1_800_000_000.5
ASKER = Asker("C1", verified=True, conversation_id="talk")


def token(actions: Actions, asker: Asker = ASKER, tenant: str = "shop") -> str:
    action = actions.propose("cancel", {"order_id": "A1"}, (tenant, asker), NOW_S)
    assert action is not None
    return action.token


def refusal(actions: Actions, text: str, now_s: float = NOW_S, tenant: str = "shop") -> str:
    with pytest.raises(InvalidRequest) as caught:
        actions.confirmed((tenant, replace(ASKER, confirm_token=text)), now_s)
    return caught.value.violations[0].description


def test_a_token_gives_back_what_was_proposed() -> None:
    actions = Actions()
    owner = ("shop", replace(ASKER, confirm_token=token(actions)))
    action = actions.confirmed(owner, NOW_S + VALID_S - 1)
    assert (action.tool, action.arguments) == ("cancel", {"order_id": "A1"})


def test_a_token_lives_ten_minutes() -> None:
    actions = Actions()
    assert "expired" in refusal(actions, token(actions), NOW_S + 600)


def test_a_token_of_another_tenant_or_key_is_refused() -> None:
    actions = Actions()
    assert "not of this customer" in refusal(actions, token(actions), tenant="other")
    assert "not of this customer" in refusal(actions, token(Actions()))


def test_two_equal_actions_are_two_actions() -> None:
    actions = Actions()
    assert token(actions) != token(actions)


def test_names_that_run_together_are_not_the_same_owner() -> None:
    actions = Actions()
    other = Asker("C", verified=True, conversation_id="1talk")
    assert "not of this customer" in refusal(actions, token(actions, other))


@given(st.text(max_size=80))
def test_any_text_is_refused_by_name_and_nothing_else_is_raised(text: str) -> None:
    assert refusal(Actions(b"k" * 32), text)


@given(st.integers(0, 400), st.sampled_from("AbZ9_-."))
def test_a_changed_token_is_refused(at: int, letter: str) -> None:
    actions = Actions(b"k" * 32)
    good = token(actions)
    at %= len(good)
    changed = good[:at] + letter + good[at + 1 :]
    if changed != good:
        assert refusal(actions, changed)


def test_arguments_too_long_for_the_contract_give_no_token() -> None:
    long = {"note": "x" * MAX_TOKEN_CHARACTERS}
    assert Actions().propose("cancel", long, ("shop", ASKER), NOW_S) is None


@pytest.mark.anyio
async def test_what_was_not_reached_after_its_caller_left_is_tried_again() -> None:
    actions, left = Actions(), asyncio.Event()
    action = actions.propose("cancel", {}, ("shop", ASKER), NOW_S)
    assert action is not None
    runs = [ToolRun("cancel", Ended.FOUND), ToolRun("cancel", Ended.NOT_REACHED)]

    async def work() -> ToolRun:
        await left.wait()
        return runs.pop()

    leaving = asyncio.create_task(actions.once(action, NOW_S, work))
    await asyncio.sleep(0)
    leaving.cancel()
    left.set()
    await asyncio.wait({leaving})
    await asyncio.sleep(0.001)
    again = await asyncio.gather(*(actions.once(action, NOW_S, work) for _ in range(3)))
    assert {run.ended for run in again} == {Ended.FOUND}
    assert runs == []
