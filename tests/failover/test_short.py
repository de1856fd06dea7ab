"""The scorecard at a tenth of its time, in one run; `make failover` plays it in real time."""

from pathlib import Path

import pytest

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
