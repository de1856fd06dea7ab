"""How a reload of the configuration ended, for logs and ops."""

from dataclasses import dataclass
from enum import StrEnum


class ReloadOutcome(StrEnum):
    """What became of a reload."""

    APPLIED = "applied"
    UNCHANGED = "unchanged"
    INVALID = "invalid"
    GUARDED = "guarded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reload:
    """How a reload ended; `version` is in force now, `at_s` wall seconds.

    `told`: faults with line and column, the guard's reason, or what needs a restart.
    """

    outcome: ReloadOutcome
    version: str
    told: tuple[str, ...] = ()
    at_s: float = 0.0
