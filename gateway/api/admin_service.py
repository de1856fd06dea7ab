"""`gateway.admin.v1`: each call of a few lines; errors as everywhere, bugs as a fixed INTERNAL."""

import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar

import grpc
from google.protobuf.message import Message

from gateway.admin.v1 import admin_pb2 as pb
from gateway.api.admin_convert import (
    deployment_message,
    described,
    explain_message,
    recent_message,
    reload_message,
    status_message,
)
from gateway.api.admin_ports import Desk
from gateway.api.decoding import decoded
from gateway.api.error_table import INTERNAL, internal_status, row_of, status_of
from gateway.api.grpc_handlers import fail
from gateway.api.grpc_types import Context, Handler
from gateway.core.errors import InvalidRequest, Violation
from gateway.core.recent import Wanted

log = logging.getLogger(__name__)

M = TypeVar("M", bound=Message)

SERVICE = "gateway.admin.v1.AdminService"
RECENT_DEFAULT = 20
RECENT_MOST = 1_000


class AdminService:
    """Answers ops from the desk."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def handler(self) -> grpc.GenericRpcHandler:
        """Every call, as handlers that take raw bytes."""
        return grpc.method_handlers_generic_handler(
            SERVICE,
            {
                "GetStatus": _unary(self.status, pb.GetStatusRequest),
                "GetConfig": _unary(self.config, pb.GetConfigRequest),
                "Explain": _unary(self.explain, pb.ExplainRequest),
                "Reload": _unary(self.reload, pb.ReloadRequest),
                "DrainDeployment": _unary(self.drain, pb.DrainDeploymentRequest),
                "UndrainDeployment": _unary(self.undrain, pb.UndrainDeploymentRequest),
                "FlushCache": _unary(self.flush, pb.FlushCacheRequest),
                "ListRecentCalls": _unary(self.recent, pb.ListRecentCallsRequest),
            },
        )

    async def status(self, _request: pb.GetStatusRequest) -> pb.GetStatusResponse:
        """How the process is."""
        return status_message(self._desk.status())

    async def config(self, _request: pb.GetConfigRequest) -> pb.GetConfigResponse:
        """The configuration in force."""
        version, text = self._desk.config()
        return pb.GetConfigResponse(config_version=version, json=text)

    async def explain(self, request: pb.ExplainRequest) -> pb.ExplainResponse:
        """Where a call would go."""
        found, lines = self._desk.explain(*described(request))
        version, health = self._desk.status().config_version, self._desk.snapshots()
        return explain_message(version, found, list(lines), health)

    async def reload(self, request: pb.ReloadRequest) -> pb.ReloadResponse:
        """Read everything again."""
        ended, knowledge = await self._desk.reload(force=request.force)
        return pb.ReloadResponse(result=reload_message(ended), knowledge=knowledge)

    async def drain(self, request: pb.DrainDeploymentRequest) -> pb.DrainDeploymentResponse:
        """Take a deployment out."""
        found = self._desk.drain(request.deployment, drained=True)
        return pb.DrainDeploymentResponse(status=deployment_message(found))

    async def undrain(self, request: pb.UndrainDeploymentRequest) -> pb.UndrainDeploymentResponse:
        """Take it in again."""
        found = self._desk.drain(request.deployment, drained=False)
        return pb.UndrainDeploymentResponse(status=deployment_message(found))

    async def flush(self, request: pb.FlushCacheRequest) -> pb.FlushCacheResponse:
        """Forget answers; of all only when that is said."""
        if not (request.tenant or request.route or request.all):
            raise InvalidRequest([Violation("tenant", "give a tenant, a route, or all: true")])
        return pb.FlushCacheResponse(entries=await self._desk.flush(request.tenant, request.route))

    async def recent(self, request: pb.ListRecentCallsRequest) -> pb.ListRecentCallsResponse:
        """The last calls."""
        if not 0 <= request.limit <= RECENT_MOST:
            raise InvalidRequest([Violation("limit", f"must be 0 to {RECENT_MOST}")])
        wanted = Wanted(tenant=request.tenant, route=request.route, degraded=request.degraded)
        calls = self._desk.recent(request.limit or RECENT_DEFAULT, wanted)
        return pb.ListRecentCallsResponse(calls=[recent_message(call) for call in calls])


def _unary(behavior: Callable[[M], Awaitable[Message]], kind: type[M]) -> Handler:
    async def handle(request: bytes, context: Context) -> bytes:
        try:
            response = await behavior(decoded(kind, request))
        except Exception as error:
            if row_of(error) is not INTERNAL:
                await fail(context, status_of(error, "", 0.0))
            log.exception("a call of the admin port failed unexpectedly")
            await fail(context, internal_status(""))
        return response.SerializeToString()

    return grpc.unary_unary_rpc_method_handler(handle)
