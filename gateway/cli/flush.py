"""`erp-gateway flush`: have a running gateway forget cached answers."""

from collections.abc import Sequence

from gateway.admin.v1 import admin_pb2 as pb
from gateway.admin.v1.admin_pb2_grpc import AdminServiceStub
from gateway.cli.admin import TIMEOUT_S, ask, parser


def main(arguments: Sequence[str]) -> int:
    """Exit code 1 when nothing was said to forget."""
    made = parser("flush", "Have a running gateway forget cached answers.")
    made.add_argument("--tenant", default="", help="answers of this tenant")
    made.add_argument("--route", default="", help="answers of this route")
    made.add_argument("--all", action="store_true", help="every answer")
    asked = made.parse_args(arguments)

    def command(stub: AdminServiceStub) -> int:
        request = pb.FlushCacheRequest(tenant=asked.tenant, route=asked.route, all=asked.all)
        print(f"{stub.FlushCache(request, timeout=TIMEOUT_S).entries} answers are forgotten")
        return 0

    return ask(asked.target, command)
