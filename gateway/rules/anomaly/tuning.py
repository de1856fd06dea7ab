"""The engine's constants, per interval, each with where it comes from.

"Tuned": chosen by random search on half of the shared daily series (every second one), kept when
the other half agreed; see docs/rules-anomaly.md. The hourly and weekly sets carry the daily ones
over and were only checked for plausibility on simulated series.
"""

from dataclasses import dataclass
from types import MappingProxyType

from gateway.rules.anomaly.model import Interval


@dataclass(frozen=True, slots=True)
class Tuning:
    """Constants of the walk and of the window tests; times are in steps of the series."""

    level_half_lives: tuple[float, float, float, float]
    """Of the four levels that are mixed: the span of RULES.md, 4 to 45 days."""
    warm_up: int
    """Steps before the first judgement: two seasons, enough to see each weekday twice."""
    windows: tuple[int, ...]
    """Lengths of the sums that are tested; 1 first."""
    drift: tuple[float, ...]
    """Prior of how far (share of the level) an ordinary level drifts over each window. Tuned."""
    lookback: tuple[int, ...]
    """How long before a window the level is also asked: a return to it is no anomaly."""
    trust: tuple[float, ...]
    """How far (0 to 1) each window's reference goes towards the extreme of the look-back. Tuned."""
    rebase_after: int
    """Steps in one direction that may set the level anew."""
    spread_half_life: float
    """Of the over-dispersion; tuned (60 to 100 days are equally good)."""
    profile_memory: float
    """How much a slot's past counts per visit: 0.92 is a half-life of eight weeks."""
    echo_windows: int
    """Windows up to this length must deviate at their last step too; see `ECHO_SHARE`."""
    closed_after: int
    """Visits of a slot with zeros only before it may count as closed."""


PRIOR_SPREAD = 0.2
"""Squared relative noise beyond Poisson's before anything is known. Tuned."""
PRIOR_SPREAD_STEPS = 7.0
"""How many steps that prior is worth."""
MIN_SPREAD = 0.002
"""No sales series is smoother than 4.5 % a day."""
CLIP_SD = 3.3
"""What a value may teach the level, in standard deviations. Tuned (3 to 3.5 are equally good)."""
WINDOW_CLIP_SD = 3.0
"""What one value may add to a sum of several, so that one spike is no level shift."""
MIX_SHARPNESS = 0.63
"""How fast the best level wins the mix. Tuned."""
LOSS_MEMORY = 0.92
"""Per step; a half-life of eight steps."""
PRIOR_VISITS = 4.0
"""How many visits of a slot the flat profile is worth."""
ZERO_PRIOR_STEPS = 6.0
"""Steps without a zero that the share of zeros starts from."""
ZERO_HALF_LIFE = 90.0
REBASE_Z = 5.0
"""Mean deviation (in its standard deviations) of `rebase_after` steps that sets a new level."""
DRIFT_PRIOR_WINDOWS = 10.0
"""How many windows the prior of the drift is worth."""
LEAST_SPREAD_BESIDE_ZEROS = 0.05
"""Squared relative noise that is left to the days with sales when zeros explain the rest."""
LEAST_DRIFT = 0.36
"""No series' drift is taken for less than this share of the prior."""
MAX_DEVIATION = 0.8
"""What one window may teach the drift, as a share of the level."""
UPWARD_CAUTION = 2.0
"""Growth is more common than slow loss, and noise is skewed upward: drift counts double there."""
MIN_COVERAGE = 0.6
"""Share of a window's steps that must have been learnt from for it to be tested."""

TUNINGS = MappingProxyType(
    {
        Interval.DAY: Tuning(
            level_half_lives=(4.0, 9.0, 20.0, 45.0),
            warm_up=14,
            windows=(1, 2, 3, 4, 7, 14, 28),
            drift=(0.0, 0.08, 0.10, 0.12, 0.17, 0.235, 0.30),
            lookback=(0, 14, 28, 42, 56),
            trust=(0.5, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0),
            rebase_after=7,
            echo_windows=4,
            spread_half_life=80.0,
            profile_memory=0.92,
            closed_after=4,
        ),
        Interval.HOUR: Tuning(
            level_half_lives=(12.0, 48.0, 168.0, 504.0),
            warm_up=168,
            windows=(1, 2, 3, 6, 12, 24, 72),
            drift=(0.0, 0.08, 0.10, 0.135, 0.17, 0.235, 0.30),
            lookback=(0, 24, 72, 168, 336),
            trust=(0.5, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0),
            rebase_after=24,
            echo_windows=4,
            spread_half_life=672.0,
            profile_memory=0.92,
            closed_after=4,
        ),
        Interval.WEEK: Tuning(
            level_half_lives=(2.0, 4.0, 8.0, 16.0),
            warm_up=8,
            windows=(1, 2, 3, 4, 6, 8),
            drift=(0.0, 0.10, 0.13, 0.17, 0.20, 0.25),
            lookback=(0, 4, 8, 13, 26),
            trust=(0.5, 1.0, 1.0, 1.0, 1.0, 1.0),
            rebase_after=5,
            echo_windows=4,
            spread_half_life=26.0,
            profile_memory=0.92,
            closed_after=10_000,
        ),
    }
)
COLD_STEPS = 5
"""Learnt steps before a first, cautious judgement; until `warm_up` only of single steps."""
COLD_SPREAD = 1.0
"""Squared relative noise added until `warm_up` is reached: only gross deviations are told."""
ECHO_SHARE = 0.5
"""A short window counts only if its last step deviates at least by this share of the window's
mean deviation; else it would repeat what an earlier step already told."""
