"""The last calls, bounded, without texts and without end users unless somebody decided so."""

from gateway.core.model import (
    Answer,
    Attempt,
    Call,
    Caller,
    Deadline,
    DegradeReason,
    Outcome,
    Served,
    Source,
    Usage,
)
from gateway.core.recent import RecentCalls, Wanted

SERVED = Served(request="my secret question", knowledge_base="shop", latency_s=0.5)


def heard(recent: RecentCalls, number: int, *, tenant: str = "t", degraded: bool = False) -> None:
    caller = Caller(
        request_id=f"r-{number}", deadline=Deadline(0.0), tenant=tenant, end_user_id="somebody"
    )
    answer = Answer(
        value="a secret answer",
        source=Source.MODEL,
        route="main",
        deployment="a",
        degrade_reason=DegradeReason.FALLBACK_MODEL if degraded else None,
        attempts=(Attempt("a", Outcome.OK, 0.4, 1),),
        usage=Usage(cost_usd_micros=7),
    )
    recent.answered(Call.CHAT, caller, answer, SERVED)


def ids(recent: RecentCalls, most: int = 10, **wanted: object) -> list[str]:
    return [call.request_id for call in recent.last(most, Wanted(**wanted))]  # type: ignore[arg-type] # of the right types


def test_the_newest_come_first_and_the_oldest_make_way() -> None:
    recent = RecentCalls(3, lambda: 1.0)
    for number in range(5):
        heard(recent, number)
    assert ids(recent) == ["r-4", "r-3", "r-2"]
    assert ids(recent, most=1) == ["r-4"]


def test_they_can_be_chosen_by_tenant_route_and_degradation() -> None:
    recent = RecentCalls(9, lambda: 1.0)
    heard(recent, 1, tenant="a")
    heard(recent, 2, tenant="b", degraded=True)
    assert ids(recent, tenant="a") == ["r-1"]
    assert ids(recent, degraded=True) == ["r-2"]
    assert ids(recent, route="main") == ["r-2", "r-1"]
    assert ids(recent, route="other") == []


def test_neither_texts_nor_end_users_are_kept_unless_that_is_switched_on() -> None:
    recent = RecentCalls(9, lambda: 1.0)
    heard(recent, 1)
    assert "secret" not in repr(recent.last(9, Wanted()))
    assert "somebody" not in repr(recent.last(9, Wanted()))
    keeping = RecentCalls(9, lambda: 1.0, lambda _call, _answer, served: f"kept: {served.request}")
    heard(keeping, 1)
    assert keeping.last(1, Wanted())[0].text == "kept: my secret question"


def test_room_for_none_keeps_none() -> None:
    recent = RecentCalls(0, lambda: 1.0)
    heard(recent, 1)
    assert ids(recent) == []
