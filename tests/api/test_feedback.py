"""SubmitFeedback at the edge: checked, converted, joined by tenant, within its deadline."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import grpc
import pytest

from gateway.api.convert_feedback import RATING, RESOLUTION
from gateway.api.decoding import OFF_LOOP_BYTES
from gateway.api.gate import Gate
from gateway.api.ports import Identity
from gateway.api.service import Service
from gateway.api.status import CallFailed
from gateway.core.errors import Shed
from gateway.core.feedback import Feedback, Rating, Resolution
from gateway.v1 import feedback_pb2 as pb
from tests.api.conftest import Running, backing
from tests.api.fakes import FakeDesk, FakeEngine

pytestmark = pytest.mark.anyio

SAID = pb.SubmitFeedbackRequest(
    request_id="r-1",
    rating=pb.RATING_DOWN,
    corrected_answer="Seven days.",
    corrected_intent="faq:ship_time",
    resolution=pb.RESOLUTION_RESOLVED,
)


@pytest.fixture
async def desk() -> FakeDesk:
    return FakeDesk()


@pytest.fixture
async def service(desk: FakeDesk) -> AsyncIterator[Service]:
    made = Service(replace(backing(FakeEngine(), Gate()), feedback=desk))
    yield made
    made.close()


async def ask(service: Service, request: Any, timeout_s: float | None = 5.0) -> Any:
    return await service.unary(service.arrive("SubmitFeedback", (), timeout_s), request)


@pytest.mark.parametrize("request_", [SAID, SAID.SerializeToString()], ids=["pb", "bytes"])
async def test_feedback_reaches_the_desk_whole(
    service: Service, desk: FakeDesk, request_: Any
) -> None:
    desk.known = {("default", "r-1")}
    assert (await ask(service, request_)).matched
    wanted = Feedback(
        request_id="r-1",
        rating=Rating.DOWN,
        corrected_answer="Seven days.",
        corrected_intent="faq:ship_time",
        resolution=Resolution.RESOLVED,
    )
    assert desk.taken == [("default", wanted)]


async def test_an_unknown_answer_is_no_error(running: Running) -> None:
    answer = await running.stub.SubmitFeedback(SAID)
    assert answer.matched is False


async def test_the_tenant_is_the_keys_and_not_the_callers_word(desk: FakeDesk) -> None:
    known = replace(
        backing(FakeEngine(), Gate()), feedback=desk, identify=lambda *_: Identity(tenant="b")
    )
    service = Service(known)
    await ask(service, pb.SubmitFeedbackRequest(request_id="r-1"))
    assert desk.taken == [("b", Feedback(request_id="r-1"))]
    service.close()


@pytest.mark.parametrize(
    ("request_", "reason"),
    [
        (pb.SubmitFeedbackRequest(), "INVALID_REQUEST"),
        (pb.SubmitFeedbackRequest(request_id="r", rating=9), "INVALID_REQUEST"),  # type: ignore[arg-type]
        (b"\xff\xff", "INVALID_REQUEST"),
        (b"\xff" * (OFF_LOOP_BYTES + 1), "INVALID_REQUEST"),
    ],
    ids=["no id", "unknown rating", "bytes", "many bytes"],
)
async def test_what_breaks_a_rule_is_refused(
    service: Service, desk: FakeDesk, request_: Any, reason: str
) -> None:
    with pytest.raises(CallFailed) as caught:
        await ask(service, request_)
    assert caught.value.status.code is grpc.StatusCode.INVALID_ARGUMENT
    assert desk.taken == []


class Stuck:
    """A desk that waits for ever, or refuses."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error

    async def take(self, tenant: str, feedback: Feedback) -> bool:
        if self.error:
            raise self.error
        await asyncio.Event().wait()
        return True


@pytest.mark.parametrize(
    ("desk_", "reason"),
    [(Stuck(), "DEADLINE_EXCEEDED"), (Stuck(Shed("full", 10.0)), "OVERLOADED")],
)
async def test_feedback_that_cannot_be_kept_fails_as_documented(desk_: Stuck, reason: str) -> None:
    service = Service(replace(backing(FakeEngine(), Gate()), feedback=desk_))
    with pytest.raises(CallFailed) as caught:
        await ask(service, SAID, 0.05)
    assert caught.value.status.reason == reason
    service.close()


def test_every_number_of_the_contract_has_a_meaning() -> None:
    assert set(RATING) == set(pb.Rating.values())
    assert set(RESOLUTION) == set(pb.Resolution.values())
    assert set(RATING.values()) == {None, *Rating}
    assert set(RESOLUTION.values()) == {None, *Resolution}
