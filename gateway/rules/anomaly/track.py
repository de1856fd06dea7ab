"""The engine's verdicts, and what was known beforehand, as arrays over steps."""

from dataclasses import dataclass

import numpy as np

from gateway.rules.anomaly.grid import Bools, Floats, Ints
from gateway.rules.anomaly.model import Direction
from gateway.rules.anomaly.walk import Walked


@dataclass(frozen=True, slots=True)
class Track:
    """What the engine thinks of the steps from `first` on.

    Arrays start at step `first`. `score` is NaN where a step was not judged. `span`: how many
    steps, ending with this one, the strongest evidence covers; `run`: equal values in a row, if
    those are the evidence; `sign`: +1 above expectation, -1 below. `reference`: the level the
    evidence was measured against. `missing`: the anomaly is that there is no value.
    """

    first: int
    expected: Floats
    lower: Floats
    upper: Floats
    score: Floats
    span: Ints
    run: Ints
    sign: Ints
    reference: Floats
    alone: Floats
    missing: Bools
    walked: Walked


@dataclass(frozen=True, slots=True)
class Known:
    """Steps of known events: `skip` are not learnt; `only` are judged one way (0: not at all)."""

    skip: Bools
    only: Ints

    @classmethod
    def of(cls, size: int, ways: dict[int, Direction | None]) -> "Known":
        """From the steps of events, each with the only direction that is still told."""
        skip, only = np.zeros(size, bool), np.zeros(size, np.int64)
        for step, way in ways.items():
            skip[step] = True
            only[step] = 0 if way is None else 1 if way is Direction.UP else -1
        return cls(skip, only)
