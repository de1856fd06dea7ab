"""What limits have said to one call so far, and what follows. Pure."""

from dataclasses import dataclass

from gateway.core.limits.checks import Grant, Rate, Refusal, Window
from gateway.core.limits.rules import Need, Owner, Rule, is_soft
from gateway.core.options import CallerLimitOptions, OnExhausted


@dataclass(frozen=True, slots=True)
class UsedUp:
    """A limit that refuses the call, and the seconds until it has room."""

    rule: Rule
    retry_after_s: float


@dataclass(slots=True)
class Allowance:
    """The limits' part of a call's state.

    `owners`: tenant and route, where they have limits; `rules` and `grant`: what was reserved at
    the door. `barred`: no model may be asked any more; `at_the_door`: none ever was to be.
    `cheapest_first`: money runs short. `used_up`: the limit that kept a try back. `asked`: a model
    was asked, or is being asked.
    """

    owners: tuple[Owner, ...] = ()
    rules: tuple[Rule, ...] = ()
    grant: Grant | None = None
    barred: bool = False
    at_the_door: bool = False
    cheapest_first: bool = False
    used_up: UsedUp | None = None
    asked: bool = False


def refusing(rules: tuple[Rule, ...], refusal: Refusal) -> list[UsedUp]:
    """The limits of tenant and route that refused; those of deployments are left out."""
    return [
        UsedUp(rules[one.index], one.retry_after_s)
        for one in refusal.refused
        if rules[one.index].owner.on_exhausted is not None
    ]


def rejecting(used_up: list[UsedUp], *, rules_allowed: bool) -> UsedUp | None:
    """The limit for whose sake the call is refused, the one with the longest wait; None: none.

    A call that rules may not answer is refused whatever the policy says.
    """
    rejects = [
        one
        for one in used_up
        if one.rule.owner.on_exhausted is OnExhausted.REJECT or not rules_allowed
    ]
    return max(rejects, key=lambda one: one.retry_after_s, default=None)


def runs_short(rules: tuple[Rule, ...], grant: Grant) -> bool:
    """Whether so much money is gone that cheaper deployments shall be asked first."""
    for rule, level in zip(rules, grant.levels, strict=False):
        options = rule.owner.options
        if not is_soft(rule) or options.shadow or not isinstance(options, CallerLimitOptions):
            continue
        if level >= options.cheaper_from:
            return True
    return False


def actual(rules: tuple[Rule, ...], used: Need, *, calls: bool) -> dict[str, int]:
    """For `LimitStore.settle`: what was really used; `calls`: false gives calls back, too."""
    real: dict[str, int] = {}
    for rule in rules:
        check = rule.check
        if isinstance(check, Window):
            real[check.key] = used.of(rule.knob)
        elif isinstance(check, Rate):
            real[check.key] = check.amount if calls else 0
    return real
