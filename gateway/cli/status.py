"""`erp-gateway status`: how a running gateway is."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from google.protobuf.json_format import MessageToJson

from gateway.admin.v1 import admin_pb2 as pb
from gateway.admin.v1.admin_pb2_grpc import AdminServiceStub
from gateway.cli.admin import TIMEOUT_S, ask, parser, reload_lines


def main(arguments: Sequence[str]) -> int:
    """Exit code 0 when every deployment takes calls, 2 when one does not, 1 without an answer."""
    made = parser("status", "Say how a running gateway is.")
    made.add_argument("--json", action="store_true", help="all of it, for scripts")
    made.add_argument("--config", action="store_true", help="the configuration in force instead")
    asked = made.parse_args(arguments)

    def command(stub: AdminServiceStub) -> int:
        if asked.config:
            print(stub.GetConfig(pb.GetConfigRequest(), timeout=TIMEOUT_S).json)
            return 0
        status = stub.GetStatus(pb.GetStatusRequest(), timeout=TIMEOUT_S)
        print(MessageToJson(status) if asked.json else "\n".join(lines(status)))
        return 2 if any(deployment.refusal for deployment in status.deployments) else 0

    return ask(asked.target, command)


def lines(status: pb.GetStatusResponse) -> Iterator[str]:
    """The status for people."""
    yield f"version {status.config_version} of {status.config_path}, {_since(status)}"
    if status.HasField("last_reload"):
        yield from (f"last reload: {line}" for line in reload_lines(status.last_reload))
    draining = ", draining" if status.draining else ""
    yield f"{status.calls_inside} calls inside{draining}, {status.cache_entries} answers cached"
    yield "deployments:"
    yield from (_deployment(deployment) for deployment in status.deployments)
    if status.knowledge:
        yield "knowledge bases:"
    for base in status.knowledge:
        yield f"  {base.knowledge_base}: {base.entries} entries, version {base.version}"
    if status.mirrors:
        yield "copies to candidates:"
    for mirror in status.mirrors:
        failed = ", ".join(f"{n} {what}" for what, n in sorted(mirror.failed.items()))
        yield (
            f"  {mirror.route} -> {mirror.deployment}: {mirror.sent} sent, {mirror.good} good,"
            f" {mirror.dropped} dropped{', ' + failed if failed else ''}"
        )


def _since(status: pb.GetStatusResponse) -> str:
    applied = datetime.fromtimestamp(status.config_applied_at.seconds, UTC)
    return f"in force since {applied:%Y-%m-%d %H:%M:%S} UTC, {status.reloads} reloads"


def _deployment(one: pb.DeploymentStatus) -> str:
    if one.off_reason:
        return f"  off  {one.deployment}: {one.off_reason}"
    p95 = f", p95 {one.p95.ToTimedelta().total_seconds():.2f} s" if one.HasField("p95") else ""
    told = f"{one.deployment}: {one.model}, {one.in_flight} of {one.limit} places taken{p95}"
    if not one.refusal:
        return f"  on   {told}"
    wait_s = one.ready_in.ToTimedelta().total_seconds()
    return f"  OUT  {told}; {one.refusal}{f' for {wait_s:.0f} s' if wait_s else ''}"
