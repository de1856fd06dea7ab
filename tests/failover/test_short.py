"""The scorecard at a tenth of its time, in one run; `make failover` plays it in real time."""

from pathlib import Path

import pytest

from tests.failover.chaos import GRIM, SHAKY, Mix, rounds, stage
from tests.failover.reloads import soak
from tests.failover.reloads import stage as reloading
from tests.failover.scenarios import OWN, SIXTEEN, Scenario
from tests.failover.scorecard import play, scene
from tests.failover.verdicts import Verdict

pytestmark = [pytest.mark.anyio, pytest.mark.e2e]


@pytest.mark.parametrize("scenarios", [SIXTEEN, OWN], ids=["sixteen", "own"])
async def test_every_scenario_passes(scenarios: tuple[Scenario, ...], tmp_path: Path) -> None:
    async with scene(scenarios, tmp_path, scale=0.1) as stage:
        lines = await play(stage, scenarios)
    lost = [line for line in lines if line.verdict is not Verdict.PASS]
    assert not lost, "\n".join(map(str, lost))


@pytest.mark.parametrize("mix", [GRIM, SHAKY], ids=["grim", "shaky"])
async def test_with_every_model_failing_at_random_no_call_fails_and_no_answer_is_broken(
    mix: Mix, tmp_path: Path
) -> None:
    async with stage(tmp_path, mix) as (caller, running):
        tally = await rounds(caller, running, mix, 400)
    assert not tally.failed
    assert tally.broken == 0, tally.examples
    assert tally.calls == 400
    assert tally.upstream < 3 * 400, "the retry budget bounds the tries"
    assert tally.files[-1] <= tally.files[0] + 64


async def test_reloads_under_load_fail_no_call_and_no_answer_is_of_two_versions(
    tmp_path: Path,
) -> None:
    async with reloading(tmp_path) as made:
        outcomes = await soak(made, 24, callers=4)
    taken_over = outcomes["applied"] + outcomes["unchanged"]  # the watch may have been quicker
    assert (taken_over, outcomes["watched"], outcomes["invalid"]) == (22, 2, 7)
    assert not made.tally.failed
    assert not made.tally.mixed
    assert len(made.tally.versions) > 10
