"""What ops see of limits."""

import logging

import pytest

from gateway.core.limits.board import MAX_LIMITS, LimitBoard, LimitSnapshot
from gateway.core.limits.checks import Grant, Rate, Refusal, Refused
from gateway.core.limits.rules import Knob, Owner, Rule, Scope
from gateway.core.options import LimitOptions


def rule(name: str = "t", *, shadow: bool = False) -> Rule:
    options = LimitOptions(calls_per_minute=60, shadow=shadow)
    check = Rate(key=name, interval_s=1.0, burst=1, shadow=shadow)
    return Rule(Owner(Scope.TENANT, name, options), Knob.CALLS_PER_MINUTE, check)


def granted(*exceeded: int, level: float = 0.5, local: bool = False) -> Grant:
    return Grant(id="1", checks=(), exceeded=frozenset(exceeded), levels=(level,), local=local)


REFUSED = Refusal(refused=(Refused(0, 1.0),), levels=(1.0,))


def test_what_passed_was_refused_and_would_have_been_is_counted() -> None:
    board = LimitBoard()
    board.note([rule()], granted(), 0.0)
    board.note([rule()], granted(local=True), 0.0)
    board.note([rule()], REFUSED, 0.0)
    board.note([rule("s", shadow=True)], granted(0, level=1.0), 0.0)
    hard, soft = board
    assert hard == LimitSnapshot(
        scope=Scope.TENANT,
        owner="t",
        knob=Knob.CALLS_PER_MINUTE,
        shadow=False,
        level=1.0,
        local=False,
        passed=2,
        refused=1,
        would_refuse=0,
    )
    assert (soft.shadow, soft.level, soft.passed, soft.would_refuse) == (True, 1.0, 0, 1)


def test_a_limit_that_others_refused_beside_is_neither_passed_nor_refused() -> None:
    board = LimitBoard()
    refusal = Refusal(refused=(Refused(1, 1.0),), levels=(0.1, 1.0))
    board.note([rule("a"), rule("b")], refusal, 0.0)
    assert [(s.owner, s.passed, s.refused) for s in board] == [("a", 0, 0), ("b", 0, 1)]


def test_a_limit_that_is_used_up_is_told_once_a_minute(caplog: pytest.LogCaptureFixture) -> None:
    board = LimitBoard()
    with caplog.at_level(logging.WARNING):
        for now_s in (0.0, 1.0, 59.0, 61.0):
            board.note([rule()], REFUSED, now_s)
        board.note([rule("s", shadow=True)], granted(0), 0.0)
    assert caplog.messages == [
        "limit calls_per_minute of tenant 't' is used up",
        "limit calls_per_minute of tenant 't' is used up",
        "limit calls_per_minute of tenant 's' is used up, but only measured (shadow)",
    ]


def test_a_deployment_without_a_price_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    board = LimitBoard()
    with caplog.at_level(logging.WARNING):
        board.note_unpriced("own")
        board.note_unpriced("own")
    assert caplog.messages == [
        "the price of deployment 'own' is not known, so limits of money count it as free: "
        "give it a `price`"
    ]


def test_the_board_is_bounded() -> None:
    board = LimitBoard()
    for number in range(MAX_LIMITS + 10):
        board.note([rule(str(number))], granted(), 0.0)
    assert repr(board) == f"<LimitBoard {MAX_LIMITS} limits>"
