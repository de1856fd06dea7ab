"""Whose fault a try is that ran out of time."""

import pytest

from gateway.core.errors import DeadlineCut, ProviderError, ProviderTimeout
from gateway.core.model import Outcome, Prompt
from gateway.core.options import Timeouts
from gateway.core.retry import RetryPolicy
from gateway.core.routing import order
from gateway.core.trying import Trying
from gateway.core.walk import Walk
from tests.fakes import Echo, EchoTask, FakeProvider, caller, deployment, plan, rooms

pytestmark = pytest.mark.anyio

PROMPT = Prompt(messages=(), max_output_tokens=8)


async def run_out_of_time(within_s: float, *, heard: bool) -> tuple[ProviderError, Outcome]:
    slow = deployment("a", timeouts=Timeouts(total_s=20.0, first_token_s=8.0))
    of = plan([slow])
    given = rooms(FakeProvider(), of)
    route = of.routes[0]
    walk: Walk[str, str, Echo] = Walk(
        task=EchoTask(),
        request="hi",
        caller=caller(within_s),
        plan=of,
        route=route,
        candidates=order(route, of, given.rng),
        retry=RetryPolicy(route.retry, given.rng),
        began_s=given.clock(),
    )
    trying = await Trying.begin(given, walk, slow, PROMPT)
    assert trying is not None
    if heard:
        trying.hear()
    with pytest.raises(ProviderError) as caught:
        async with trying:
            raise TimeoutError
    return caught.value, walk.trail.attempts[0].outcome


@pytest.mark.parametrize(
    ("within_s", "heard", "kind", "outcome"),
    [
        (30.0, False, ProviderTimeout, Outcome.TIMEOUT),
        (30.0, True, ProviderTimeout, Outcome.TIMEOUT),
        (10.0, False, ProviderTimeout, Outcome.TIMEOUT),
        (10.0, True, DeadlineCut, Outcome.DEADLINE),
        (2.0, False, DeadlineCut, Outcome.DEADLINE),
    ],
)
async def test_long_silence_is_the_deployments_fault_and_a_flowing_stream_cut_short_is_not(
    within_s: float, heard: bool, kind: type[ProviderError], outcome: Outcome
) -> None:
    error, told = await run_out_of_time(within_s, heard=heard)
    assert type(error) is kind
    assert told is outcome
