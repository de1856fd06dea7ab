"""What ops ask over the wire, and how they are refused."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import grpc
import pytest

from gateway.admin.v1 import admin_pb2 as pb
from gateway.admin.v1.admin_pb2_grpc import AdminServiceStub
from gateway.api.admin_convert import OUTCOME
from gateway.api.admin_ports import Status
from gateway.api.admin_server import AdminServer
from gateway.core.errors import NotFound
from gateway.core.health import HealthBoard, HealthSnapshot
from gateway.core.model import Call, Caller
from gateway.core.options import Plan
from gateway.core.recent import RecentCall, Wanted
from gateway.core.reloading import Reload, ReloadOutcome
from gateway.core.routing import Explanation, explain
from tests.fakes import deployment, plan

if TYPE_CHECKING:
    from gateway.admin.v1.admin_pb2_grpc import AdminServiceAsyncStub

pytestmark = pytest.mark.anyio


class Rng:
    def random(self) -> float:
        return 0.5


@dataclass
class FakeDesk:
    """A process with two deployments, one of them on."""

    plan: Plan = field(default_factory=lambda: plan([deployment("a")], model_version="v1"))
    health: HealthBoard = field(default_factory=lambda: HealthBoard(Rng()))
    asked: list[object] = field(default_factory=list)

    def status(self) -> Status:
        return Status(
            config_version="v1", config_path="/etc/gateway.yaml", applied_at_s=100.5,
            started_at_s=50.0, reloads=3, last_reload=None, draining=False, calls_inside=2,
            deployments=list(self.snapshots().values()), off={"b": "no key"},
            models={"a": "openai/m"}, knowledge={"shop": ("abc", 7)}, cache=(4, 4096),
        )  # fmt: skip

    def config(self) -> tuple[str, str]:
        raise ZeroDivisionError("a bug with a secret in it")

    def explain(self, call: Call, caller: Caller) -> tuple[Explanation, Sequence[str]]:
        self.asked.append((call, caller.tenant))
        return explain(self.plan, call, caller), ["told"]

    def snapshots(self) -> Mapping[str, HealthSnapshot]:
        return {"a": self.health.of(self.plan.deployments["a"]).snapshot(0.0)}

    async def reload(self, *, force: bool) -> tuple[Reload, Sequence[str]]:
        ended = ReloadOutcome.APPLIED if force else ReloadOutcome.GUARDED
        return Reload(outcome=ended, version="v2", told=("why",), at_s=1.0), ["shop was taken over"]

    def drain(self, deployment: str, *, drained: bool) -> HealthSnapshot:
        if deployment != "a":
            raise NotFound(f"no deployment {deployment!r}")
        self.health.of(self.plan.deployments["a"]).drained = drained
        return self.snapshots()["a"]

    async def flush(self, tenant: str, route: str) -> int:
        self.asked.append((tenant, route))
        return 5

    def recent(self, most: int, wanted: Wanted) -> Sequence[RecentCall]:
        self.asked.append((most, wanted))
        return []


@pytest.fixture
def desk() -> FakeDesk:
    return FakeDesk()


@pytest.fixture
async def stub(desk: FakeDesk) -> AsyncIterator["AdminServiceAsyncStub"]:
    server = AdminServer(desk, "127.0.0.1:0")
    await server.start()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{server.port}") as channel:
        yield AdminServiceStub(channel)
    await server.close()


async def test_the_status_tells_what_is_on_and_why_the_rest_is_off(
    stub: "AdminServiceAsyncStub",
) -> None:
    status = await stub.GetStatus(pb.GetStatusRequest(), timeout=30)
    assert (status.config_version, status.reloads, status.calls_inside) == ("v1", 3, 2)
    assert not status.HasField("last_reload")
    on, off = status.deployments
    assert (on.deployment, on.model, on.breaker, on.refusal) == ("a", "openai/m", "closed", "")
    assert not on.HasField("p95")
    assert (off.deployment, off.off_reason) == ("b", "no key")
    assert (status.knowledge[0].version, status.knowledge[0].entries) == ("abc", 7)


async def test_a_drained_deployment_shows_in_explain(stub: "AdminServiceAsyncStub") -> None:
    drained = await stub.DrainDeployment(pb.DrainDeploymentRequest(deployment="a"), timeout=30)
    assert drained.status.refusal == "drained"
    told = await stub.Explain(pb.ExplainRequest(call="chat", tenant="t"), timeout=30)
    assert (told.route, told.model_version, list(told.lines)) == ("main", "v1", ["told"])
    assert [(d.deployment, d.tier, d.refusal) for d in told.deployments] == [("a", 1, "drained")]
    again = await stub.UndrainDeployment(pb.UndrainDeploymentRequest(deployment="a"), timeout=30)
    assert again.status.refusal == ""


async def test_a_reload_tells_its_outcome(stub: "AdminServiceAsyncStub") -> None:
    refused = (await stub.Reload(pb.ReloadRequest(), timeout=30)).result
    forced = await stub.Reload(pb.ReloadRequest(force=True), timeout=30)
    assert (refused.outcome, list(refused.messages)) == (pb.RELOAD_OUTCOME_GUARDED, ["why"])
    assert forced.result.outcome == pb.RELOAD_OUTCOME_APPLIED
    assert list(forced.knowledge) == ["shop was taken over"]


def test_every_outcome_of_a_reload_has_a_name_on_the_wire() -> None:
    assert set(OUTCOME) == set(ReloadOutcome)
    assert len(set(OUTCOME.values())) == len(OUTCOME)


REFUSED = [
    ("Explain", pb.ExplainRequest(call="chatt"), grpc.StatusCode.INVALID_ARGUMENT, "chatt"),
    ("FlushCache", pb.FlushCacheRequest(), grpc.StatusCode.INVALID_ARGUMENT, "tenant"),
    ("ListRecentCalls", pb.ListRecentCallsRequest(limit=-1), grpc.StatusCode.INVALID_ARGUMENT, ""),
    ("DrainDeployment", pb.DrainDeploymentRequest(), grpc.StatusCode.NOT_FOUND, "no deployment"),
    ("GetConfig", pb.GetConfigRequest(), grpc.StatusCode.INTERNAL, "internal error"),
]


@pytest.mark.parametrize(("call", "request_", "code", "told"), REFUSED, ids=[r[0] for r in REFUSED])
async def test_refusals_are_typed_and_bugs_say_nothing(
    call: str, request_: object, code: grpc.StatusCode, told: str, stub: "AdminServiceAsyncStub"
) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await getattr(stub, call)(request_, timeout=30)
    assert caught.value.code() is code
    assert told in (caught.value.details() or "")
    assert "secret" not in str(caught.value)


async def test_a_flush_and_the_recent_calls_go_by_what_was_asked(
    stub: "AdminServiceAsyncStub", desk: FakeDesk
) -> None:
    flushed = await stub.FlushCache(pb.FlushCacheRequest(tenant="t"), timeout=30)
    await stub.ListRecentCalls(pb.ListRecentCallsRequest(degraded=True), timeout=30)
    assert flushed.entries == 5
    assert desk.asked == [("t", ""), (20, Wanted(degraded=True))]


async def test_a_second_server_on_the_same_port_is_refused(desk: FakeDesk) -> None:
    first = AdminServer(desk, "127.0.0.1:0")
    await first.start()
    with pytest.raises(OSError, match="is another server using it"):
        await AdminServer(desk, f"127.0.0.1:{first.port}").start()
    await first.close()
