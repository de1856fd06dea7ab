"""The bench in short: every part of it, on our own sets, at the real process."""

from pathlib import Path

import pytest

from tests.chat_bench.injection import injection, injection_stage
from tests.chat_bench.outages import erp_outage, first_second, models_dead
from tests.chat_bench.policy import cache_stage, pairs, policy
from tests.chat_bench.stage import Score, rows

pytestmark = [pytest.mark.anyio, pytest.mark.e2e]


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


def missed(scores: list[Score]) -> list[Score]:
    return [score for score in scores if not score.ok]


async def test_the_cache_keeps_its_policy_and_no_pair_shares_a_wrong_answer(tmp_path: Path) -> None:
    scenarios = rows("cache_policy", None)
    async with cache_stage(scenarios, tmp_path) as stage:
        played = [await policy(stage, scenarios)]
        played += await pairs(stage, rows("cache_guard_pairs", None))
    assert missed(played) == []


async def test_an_obedient_model_does_no_harm_and_nobody_benign_is_blocked(tmp_path: Path) -> None:
    async with injection_stage(rows("prompt_injection", None), tmp_path) as stage:
        assert missed(await injection(stage)) == []


async def test_an_erp_that_dies_and_comes_back_loses_no_call(tmp_path: Path) -> None:
    assert missed(await erp_outage(tmp_path, up_s=0.5, down_s=0.5)) == []


async def test_a_message_in_the_first_second_of_a_process_is_answered(tmp_path: Path) -> None:
    assert missed(await first_second(tmp_path, starts=1)) == []


async def test_every_message_is_answered_while_all_models_are_dead(tmp_path: Path) -> None:
    texts = ("怎么申请退货", "where is my order", "hello", "let me talk to a human", "zzz qqq")
    scores = await models_dead(tmp_path, [{"text": text} for text in texts])
    assert [score.measured for score in scores if "answered" in score.title] == ["5 of 5"] * 2
