"""How the caller's time is divided between the models and the rules. Pure."""

from dataclasses import replace

from gateway.core.errors import DeadlineCut, ProviderError, ProviderTimeout
from gateway.core.model import Deadline
from gateway.core.options import RulesOptions, Timeouts

LEAST_USEFUL_S = 0.05
"""A try is not begun with less: no hosted model is known to answer in 50 ms, and a try that cannot
finish costs tokens and a place at the provider for nothing."""


def rules_reserve_s(rules: RulesOptions, total_s: float, look_up_s: float = 0.0) -> float:
    """Seconds of a call of `total_s` seconds that models may not use; 0 when rules are off.

    `look_up_s`: what the rules' own look-up may take on top.
    """
    if not rules.allowed:
        return 0.0
    return min(rules.reserve_s + look_up_s, rules.reserve_share * max(0.0, total_s))


def attempt_time_s(
    now_s: float, deadline: Deadline, reserve_s: float, timeout_s: float
) -> float | None:
    """Seconds that a try may take, at most `timeout_s`; None: too little is left to begin one."""
    left_s = deadline.remaining_s(now_s) - reserve_s
    if left_s < LEAST_USEFUL_S:
        return None
    return min(left_s, timeout_s)


FIRST_SHARE = 2 / 3
"""While another deployment is left to ask, a silent one may use at most this share of the models'
time: under a short deadline the next one shall get its chance, too."""

TINY_S = 0.001
"""Clocks are never 0, which would mean no limit in some libraries."""


def shared_clocks(left_s: float, clocks: Timeouts, *, stream: bool) -> Timeouts:
    """A deployment's clocks while others are left: its silence may not cost them their chance.

    A stream is silent until its first token; that it then takes long is no fault.
    """
    share_s = FIRST_SHARE * left_s
    if stream:
        return replace(clocks, first_token_s=min(clocks.first_token_s, max(share_s, TINY_S)))
    return replace(clocks, total_s=min(clocks.total_s, max(share_s, TINY_S)))


def timed_out(
    deployment: str, given_s: float, timeout_s: float, fair_s: float | None = None
) -> ProviderError:
    """The error of a try that got `given_s` seconds and did not answer.

    It is the deployment's fault (ProviderTimeout) when it had its whole `timeout_s`, or at least
    `fair_s`: far longer than it usually takes (see `Health.fair_s`). Otherwise the caller's own
    deadline cut it short (DeadlineCut), which counts for nothing.
    """
    if given_s >= timeout_s:
        return ProviderTimeout(f"deployment {deployment!r} was silent for {given_s:.3g} s")
    if fair_s is not None and given_s >= fair_s:
        return ProviderTimeout(
            f"deployment {deployment!r} was silent for {given_s:.3g} s, "
            f"far longer than it usually takes"
        )
    return DeadlineCut(
        f"the caller's deadline cut deployment {deployment!r} off after {given_s:.3g} s "
        f"of {timeout_s:.3g} s"
    )
