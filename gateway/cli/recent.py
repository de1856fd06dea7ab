"""`erp-gateway recent`: the last answered calls of a running gateway with their trails."""

import argparse
from collections.abc import Sequence
from datetime import UTC, datetime

from gateway.admin.v1 import admin_pb2 as pb
from gateway.admin.v1.admin_pb2_grpc import AdminServiceStub
from gateway.cli.admin import TIMEOUT_S, ask, parser

MOST = 2**31 - 1
"""More cannot be asked for."""


def main(arguments: Sequence[str]) -> int:
    """Oldest first, as a log."""
    made = parser("recent", "Show the last answered calls of a running gateway.")
    made.add_argument("-n", "--limit", type=_count, default=20, help="default: %(default)s")
    made.add_argument("--tenant", default="", help="of this tenant only")
    made.add_argument("--route", default="", help="of this route only")
    made.add_argument("--degraded", action="store_true", help="degraded answers only")
    asked = made.parse_args(arguments)

    def command(stub: AdminServiceStub) -> int:
        request = pb.ListRecentCallsRequest(
            limit=asked.limit, tenant=asked.tenant, route=asked.route, degraded=asked.degraded
        )
        calls = stub.ListRecentCalls(request, timeout=TIMEOUT_S).calls
        print("\n".join(line(call) for call in reversed(calls)) or "no calls yet")
        return 0

    return ask(asked.target, command)


def line(call: pb.RecentCall) -> str:
    """One call in a line."""
    at = datetime.fromtimestamp(call.at.seconds, UTC)
    tries = " ".join(f"{a.deployment}:{a.outcome}" for a in call.attempts)
    by = call.deployment or call.source
    variant = f"/{call.variant}" if call.variant else ""
    told = [
        f"{at:%H:%M:%S}",
        f"{call.call} of {call.tenant}",
        f"by {call.route}{variant} -> {by} ({call.source})",
        f"{call.latency.ToTimedelta().total_seconds() * 1000:.0f} ms",
        call.degrade_reason.upper(),
        f"[{tries}]" if tries else "",
        f"version {call.config_version}",
        call.request_id,
        repr(call.text) if call.text else "",
    ]
    return "  ".join(part for part in told if part)


def _count(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and int(text) <= MOST):
        raise argparse.ArgumentTypeError("must be a whole number")
    return int(text)
