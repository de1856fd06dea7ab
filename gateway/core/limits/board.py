"""How near its end each limit is, for ops: what passed, what was refused, what would have been."""

import logging
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gateway.core.limits.checks import Grant, Refusal
from gateway.core.limits.rules import Knob, Rule, Scope

log = logging.getLogger(__name__)

MAX_LIMITS = 10_000
"""Most limits on the board, those last used: some 4 MB."""
TOLD_EVERY_S = 60.0
"""A limit that is used up is told in the log at most this often."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitSnapshot:
    """One limit as ops see it.

    `level`: the share in use when it was last checked; `local`: one process judged it alone.
    Counts are this process's, since its start: checks that passed, that were refused, and that
    only would have been, for the limit is in shadow.
    """

    scope: Scope
    owner: str
    knob: Knob
    shadow: bool
    level: float
    local: bool
    passed: int
    refused: int
    would_refuse: int


@dataclass(slots=True)
class _Row:
    shadow: bool = False
    level: float = 0.0
    local: bool = False
    passed: int = 0
    refused: int = 0
    would_refuse: int = 0
    told_s: float = float("-inf")


class LimitBoard:
    """Remembers every limit that was checked in this process."""

    def __init__(self) -> None:
        self._rows: OrderedDict[tuple[Scope, str, Knob], _Row] = OrderedDict()
        self._unpriced: set[str] = set()

    def __iter__(self) -> Iterator[LimitSnapshot]:
        for (scope, owner, knob), row in self._rows.items():
            yield LimitSnapshot(
                scope=scope,
                owner=owner,
                knob=knob,
                shadow=row.shadow,
                level=row.level,
                local=row.local,
                passed=row.passed,
                refused=row.refused,
                would_refuse=row.would_refuse,
            )

    def __repr__(self) -> str:
        return f"<LimitBoard {len(self._rows)} limits>"

    def note(self, rules: Sequence[Rule], verdict: Grant | Refusal, now_s: float) -> None:
        """Remember what a store said. What is soft was only looked at, and is no shadow."""
        refused = (
            {one.index for one in verdict.refused} if isinstance(verdict, Refusal) else frozenset()
        )
        for index, rule in enumerate(rules):
            row = self._row(rule)
            row.shadow, row.local = rule.owner.options.shadow, verdict.local
            if index < len(verdict.levels):
                row.level = verdict.levels[index]
            if index in refused:
                row.refused += 1
                _tell(rule, row, now_s)
            elif index in verdict.exceeded and row.shadow:
                row.would_refuse += 1
                _tell(rule, row, now_s)
            elif isinstance(verdict, Grant):
                row.passed += 1

    def note_unpriced(self, deployment: str) -> None:
        """Tell once that limits of money see nothing of a deployment."""
        if deployment in self._unpriced or len(self._unpriced) >= MAX_LIMITS:
            return
        self._unpriced.add(deployment)
        log.warning(
            "the price of deployment %r is not known, so limits of money count it as free: "
            "give it a `price`",
            deployment,
        )

    def _row(self, rule: Rule) -> _Row:
        key = (rule.owner.scope, rule.owner.name, rule.knob)
        row = self._rows.get(key)
        if row is None:
            row = self._rows[key] = _Row()
            if len(self._rows) > MAX_LIMITS:
                self._rows.popitem(last=False)
        else:
            self._rows.move_to_end(key)
        return row


def _tell(rule: Rule, row: _Row, now_s: float) -> None:
    if now_s - row.told_s < TOLD_EVERY_S:
        return
    row.told_s = now_s
    log.warning(
        "limit %s of %s %r is used up%s",
        rule.knob,
        rule.owner.scope,
        rule.owner.name,
        ", but only measured (shadow)" if row.shadow else "",
    )
