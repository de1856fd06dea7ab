"""The limits' part of the walk: at the door, at every try, and what is given back.

A call that is refused consumes nothing at any level. A call is refused only before a model was
asked; later, the rules answer. What to check is decided in gateway.core.limits.rules, what follows
in gateway.core.limits.allowance, counting is behind the port `LimitStore`.
"""

import math
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Any
from zoneinfo import ZoneInfo

from gateway.core.errors import CallerError, DeadlineExceeded, QuotaExhausted
from gateway.core.limits.allowance import (
    Allowance,
    UsedUp,
    actual,
    refusing,
    rejecting,
    runs_short,
)
from gateway.core.limits.checks import Grant
from gateway.core.limits.estimate import prompt_usage, used
from gateway.core.limits.rules import (
    Moment,
    Need,
    Rule,
    at_the_door,
    deployment_owner,
    is_soft,
    of_a_try,
    owners,
)
from gateway.core.model import NO_USAGE, Completion, Outcome, Prompt, Usage
from gateway.core.options import Deployment
from gateway.core.rooms import Rooms
from gateway.core.walk import Walk

PLACE_MARGIN_S = 5.0
"""A place expires this long after the call's deadline: its process must have died."""

USUAL = Usage(input_tokens=1000, output_tokens=500)
"""A call by which deployments are compared in price."""

_NOT_SENT = frozenset({Outcome.CONNECT_FAILED})


# ---- 1. the whole call


class counted:  # noqa: N801 # reads as what is done with a call
    """Around the whole call: gives its place back at the end, and the call when it was no good.

    It is counted when it was answered, when it was wrong itself, and when its caller would not
    wait: else who hangs up in time would have no limit. Refused and failed calls are given back.
    """

    __slots__ = ("_rooms", "_walk")

    def __init__(self, rooms: Rooms, walk: Walk[Any, Any, Any]) -> None:
        self._rooms = rooms
        self._walk = walk

    async def __aenter__(self) -> None:
        """Nothing is taken yet; `enter` takes."""

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        said = self._walk.allowance
        if said.grant is not None:
            grant, said.grant = said.grant, None
            settled = actual(said.rules, Need(), calls=_counts(error))
            await self._rooms.limits.settle(grant, settled)


def _counts(error: BaseException | None) -> bool:
    if isinstance(error, CallerError | DeadlineExceeded):
        return not isinstance(error, QuotaExhausted)
    return not isinstance(error, Exception)


async def enter(rooms: Rooms, walk: Walk[Any, Any, Any]) -> None:
    """Count the call for its tenant and route, before any work. Raises QuotaExhausted.

    1. there is room: pace and place are taken; of tokens and money something is left
    2. a limit is used up and it, or the call, forbids the rules: the call is refused
    3. a limit is used up otherwise: nothing is taken, and no model will be asked
    """
    found = owners(walk.plan, walk.route, walk.caller.tenant)
    if not found:
        return
    said = walk.allowance = Allowance(owners=found)
    moment, asks = _moment(rooms, walk), bool(walk.candidates)
    said.rules = tuple(
        rule for owner in said.owners for rule in at_the_door(owner, moment, asks_models=asks)
    )
    if not said.rules:
        return
    verdict = await rooms.limits.reserve([rule.check for rule in said.rules])
    rooms.limit_board.note(said.rules, verdict, rooms.clock())
    if isinstance(verdict, Grant):
        said.grant = verdict
        said.cheapest_first = runs_short(said.rules, verdict)
        return
    used_up = refusing(said.rules, verdict)
    if reject := rejecting(used_up, rules_allowed=walk.rules_allowed):
        raise QuotaExhausted(reject.rule.name, reject.retry_after_s)
    said.barred = said.at_the_door = True


def in_order(rooms: Rooms, walk: Walk[Any, Any, Any]) -> tuple[tuple[Deployment, int], ...]:
    """The candidates in the order to ask them: the route's, or by price when money runs short.

    One whose price is not known comes last.
    """
    if not walk.allowance.cheapest_first:
        return walk.candidates

    def price(candidate: tuple[Deployment, int]) -> float:
        cost = rooms.prices.cost_usd_micros(candidate[0], USUAL)
        return math.inf if cost is None else cost

    return tuple(sorted(walk.candidates, key=price))


# ---- 2. one try


@dataclass(frozen=True, slots=True)
class Reserved:
    """What one try may use; to be settled exactly once."""

    deployment: Deployment
    rules: tuple[Rule, ...] = ()
    grant: Grant | None = None
    expected: Usage = NO_USAGE

    async def settle(self, rooms: Rooms, outcome: Outcome | None, usage: Usage) -> None:
        """Put what was really used in its place. `outcome` None: the try never began."""
        if self.grant is None:
            return
        sent = outcome is not None and outcome not in _NOT_SENT
        need = Need(usage.input_tokens + usage.output_tokens, usage.cost_usd_micros)
        await rooms.limits.settle(self.grant, actual(self.rules, need, calls=sent))

    def used(self, rooms: Rooms, completion: Completion) -> Usage:
        """What a completion used; guessed, with its cost, where the provider tells nothing."""
        if self.grant is None:
            return completion.usage
        usage = used(self.expected, completion)
        return usage if usage is completion.usage else _priced(rooms, self.deployment, usage)


async def reserve_try(
    rooms: Rooms, walk: Walk[Any, Any, Any], deployment: Deployment, prompt: Prompt
) -> Reserved | None:
    """Reserve what a try may need; None, told as LIMITED in the trail, when there is no room.

    Raises QuotaExhausted when a tenant's or route's limit says so and no model was asked before.
    """
    said, own = walk.allowance, deployment_owner(deployment)
    if own is None and not said.owners:
        return Reserved(deployment)
    everyone = (own, *said.owners) if own else said.owners
    expected = _priced(rooms, deployment, prompt_usage(prompt))
    if any(owner.options.counts_money for owner in everyone):
        _note_unpriced(rooms, deployment)
    need = Need(expected.input_tokens + expected.output_tokens, expected.cost_usd_micros)
    moment = _moment(rooms, walk)
    rules = tuple(rule for owner in everyone for rule in of_a_try(owner, moment, need))
    if not rules:
        return Reserved(deployment)
    verdict = await rooms.limits.reserve([rule.check for rule in rules])
    rooms.limit_board.note(rules, verdict, rooms.clock())
    if isinstance(verdict, Grant):
        return Reserved(deployment, rules, verdict, expected)
    _refused(walk, refusing(rules, verdict))
    walk.trail.add(deployment.name, Outcome.LIMITED, 0.0)
    return None


def _refused(walk: Walk[Any, Any, Any], used_up: list[UsedUp]) -> None:
    """What follows when tenant or route have no room for a try.

    1. only the deployment had none: nothing; the next one is asked
    2. all that lacks is money that goes to cheaper deployments: the next one may be cheaper
    3. the call is to be refused, and no model was asked: it is
    4. otherwise no model is asked any more, and the rules answer
    """
    said = walk.allowance
    hard = [one for one in used_up if not is_soft(one.rule)]
    if used_up:
        said.used_up = max(used_up, key=lambda one: one.retry_after_s)
    if not hard:
        return
    reject = rejecting(hard, rules_allowed=walk.rules_allowed)
    if reject and not said.asked:
        raise QuotaExhausted(reject.rule.name, reject.retry_after_s)
    said.barred = True


def _priced(rooms: Rooms, deployment: Deployment, usage: Usage) -> Usage:
    """The usage with its cost; one whose price is not known costs nothing."""
    cost = rooms.prices.cost_usd_micros(deployment, usage)
    return replace(usage, cost_usd_micros=cost or 0)


def _note_unpriced(rooms: Rooms, deployment: Deployment) -> None:
    if rooms.prices.cost_usd_micros(deployment, USUAL) is None:
        rooms.limit_board.note_unpriced(deployment.name)


def _moment(rooms: Rooms, walk: Walk[Any, Any, Any]) -> Moment:
    left_s = walk.caller.deadline.remaining_s(rooms.clock())
    return Moment(rooms.wall(), ZoneInfo(walk.plan.limits.time_zone), left_s + PLACE_MARGIN_S)
