"""The README's tables: complete, true to the grammar, and every name in them plays."""

import re
from pathlib import Path

import pytest

from tests.faults import FaultServer
from tests.faults.caller import Caller
from tests.faults.catalogue import parts_of, plan_of
from tests.faults.script import known_behaviours

README = Path(__file__).with_name("README.md").read_text(encoding="utf-8")
NEVER_ENDING = {"silent", "hang", "endless", "chaos", "huge", "gzip-bomb", "slow-bytes"}


def _examples() -> list[str]:
    tables = README[README.index("### Healthy") : README.index("## The sixteen")]
    rows = [line.split("|")[1] for line in tables.splitlines() if line.startswith("| `")]
    return [name for row in rows for name in re.findall(r"`([^`]+)`", row)]


def _plans_of_scenarios() -> list[str]:
    rows = README[README.index("## The sixteen") :].splitlines()
    names = [name for row in rows for name in re.findall(r"`([^`]+)`", row)]
    return [name for name in names if name[0].isalpha()]


def _ends(name: str) -> bool:
    return parts_of(name)[0].behaviour.name not in NEVER_ENDING


def test_every_behaviour_has_a_row() -> None:
    shown = {part.behaviour.name for name in _examples() for part in parts_of(name)}
    assert shown == set(known_behaviours())


@pytest.mark.parametrize("name", _plans_of_scenarios())
def test_every_scenario_names_a_plan(name: str) -> None:
    assert plan_of(name)


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("name", [name for name in _examples() if _ends(name)])
@pytest.mark.anyio
async def test_every_example_plays_to_its_end(
    name: str, stream: bool, faults: FaultServer, caller: Caller
) -> None:
    faults.time_scale = 0.002
    await caller.call(name, stream=stream)
    (seen,) = await faults.until_over(name)
    assert (seen.played, seen.body.get("stream", False)) == (name, stream)
    assert seen.finished_s is not None
