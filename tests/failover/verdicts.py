"""When a scenario counts as passed, by the bench's rules; pure functions of what was seen."""

from collections.abc import Callable, Sequence
from enum import StrEnum
from itertools import pairwise

from tests.failover.runs import CALL_S, Run
from tests.faults import TEXT, Seen

Judge = Callable[[Run, float], "Verdict"]
"""From a run and the scale of time to a verdict."""

TOLERANCE = 0.9
"""The bench's own: a wait of 2 s counts from 1.8 s on."""


class Verdict(StrEnum):
    """The bench's four words."""

    PASS = "pass"
    PARTIAL = "partial"
    SAFE = "safe"
    FAIL = "fail"


def answered(run: Run, scale: float) -> Verdict:
    """The whole answer, from whichever model, in time."""
    if run.whole(TEXT):
        return Verdict.PASS if run.took_s <= CALL_S else Verdict.PARTIAL
    if run.response is not None and run.by == "rules":
        return Verdict.PARTIAL  # an answer, but a model could have given it
    return Verdict.FAIL if run.response is not None else Verdict.SAFE


def survived(run: Run, scale: float) -> Verdict:
    """A whole stream; chunks carry no number, so a repeated one cannot be told from a refrain."""
    whole = run.response is not None and run.shown.strip() == run.text
    return Verdict.PASS if whole and len(run.text) > 0.9 * len(TEXT) else Verdict.FAIL


def by_spare(run: Run, scale: float) -> Verdict:
    """The whole answer, from the fallback."""
    verdict = answered(run, scale)
    return verdict if verdict is not Verdict.PASS or run.by == "spare" else Verdict.FAIL


def honours_retry_after(run: Run, scale: float) -> Verdict:
    """1: waits it out or goes elsewhere; never two tries within 1.5 s."""
    gaps = _gaps(run.main)
    if any(gap < 1.5 * scale for gap in gaps):
        return Verdict.FAIL
    if run.by == "main" and gaps and gaps[0] < 2.0 * TOLERANCE * scale:
        return Verdict.FAIL
    return answered(run, scale)


def backs_off(run: Run, scale: float) -> Verdict:
    """2: at most 4 tries in 3 s and 6 in all, then the fallback."""
    times = [seen.received_s for seen in run.main]
    crowded = any(times[n + 4] - times[n] < 3 * scale for n in range(len(times) - 4))
    return Verdict.FAIL if crowded or len(times) > 6 else by_spare(run, scale)


def same_deployment(run: Run, scale: float) -> Verdict:
    """3, 5: another try, or the fallback; the whole answer."""
    return Verdict.FAIL if len(run.main) > 6 else answered(run, scale)


def bounded_fallback(run: Run, scale: float) -> Verdict:
    """4: falls back after at most 6 tries."""
    return Verdict.FAIL if len(run.main) > 6 else by_spare(run, scale)


def leaves_silence(run: Run, scale: float) -> Verdict:
    """6: one try at the silent one, then on."""
    return Verdict.FAIL if len(run.main) != 1 else by_spare(run, scale)


def within(limit_s: float, then: Judge) -> Judge:
    """A limit of time on top of another rule; a stream's, for only streams have tokens."""

    def judge(run: Run, scale: float) -> Verdict:
        verdict = then(run, scale)
        late = run.stream and run.took_s > limit_s
        return Verdict.PARTIAL if verdict is Verdict.PASS and late else verdict

    return judge


def reports_usage(run: Run, scale: float) -> Verdict:
    """11: finishes promptly and says what was used."""
    used = run.response is not None and run.response.info.usage.output_tokens > 0
    verdict = within(8.0, answered)(run, scale)
    return verdict if used or verdict is not Verdict.PASS else Verdict.PARTIAL


def refused(*reasons: str) -> Judge:
    """12, 13: exactly one try there, and the reason as a clean error of the caller's."""

    def judge(run: Run, scale: float) -> Verdict:
        if len(run.main) != 1:
            return Verdict.FAIL
        if run.response is not None:
            return Verdict.FAIL
        return Verdict.PASS if run.reason in reasons else Verdict.SAFE

    return judge


def one_try_or_larger(run: Run, scale: float) -> Verdict:
    """12 with a larger model configured: one try at the small one, the answer from the large."""
    return Verdict.FAIL if len(run.main) != 1 else by_spare(run, scale)


def names_fallback(run: Run, scale: float) -> Verdict:
    """16: the reply names the fallback's model; failed tries are told and not billed."""
    verdict = by_spare(run, scale)
    if verdict is not Verdict.PASS or run.response is None:
        return verdict
    info = run.response.info
    honest = info.degraded and info.attempts and info.model.endswith("-spare")
    once = info.usage.output_tokens <= 80  # the answer's 60 tokens, once
    return Verdict.PASS if honest and once else Verdict.PARTIAL


def not_redirected(run: Run, scale: float) -> Verdict:
    """Nothing, least of all the key, goes where a redirect points."""
    followed = any("_elsewhere" in seen.path for seen in run.main)
    return Verdict.FAIL if followed else by_spare(run, scale)


def _gaps(seen: Sequence[Seen]) -> list[float]:
    return [later.received_s - one.received_s for one, later in pairwise(seen)]
