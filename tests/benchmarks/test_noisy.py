"""The noisy neighbour in short: counts only, for clocks say little on a busy machine."""

import pytest

from benchmarks.noisy import run, told

pytestmark = [pytest.mark.anyio, pytest.mark.e2e]


async def test_a_tenant_at_ten_times_its_limit_costs_another_no_call() -> None:
    figures = await run(phase_s=1.0, phases=2)
    assert figures.beside_noise.errors == 0
    assert figures.quiet.errors == 0
    assert set(figures.noisy.ends) == {"OK", "RESOURCE_EXHAUSTED"}
    assert figures.noisy.ends["OK"] < figures.noisy.ends["RESOURCE_EXHAUSTED"]
    assert len(told(figures)) == 5
