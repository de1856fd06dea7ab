"""`erp-gateway drain-deployment`: take a model out of a running gateway, or in again."""

from collections.abc import Sequence

from gateway.admin.v1 import admin_pb2 as pb
from gateway.admin.v1.admin_pb2_grpc import AdminServiceStub
from gateway.cli.admin import TIMEOUT_S, ask, parser


def main(arguments: Sequence[str]) -> int:
    """Exit code 1 when there is no such deployment."""
    made = parser(
        "drain-deployment",
        "Take a deployment out for new calls until it is undone or the gateway restarts. To take it"
        " out for good, write `enabled: false` into the file.",
    )
    made.add_argument("deployment")
    made.add_argument("--undo", action="store_true", help="take it in again")
    asked = made.parse_args(arguments)

    def command(stub: AdminServiceStub) -> int:
        name = asked.deployment
        if asked.undo:
            undrain = pb.UndrainDeploymentRequest(deployment=name)
            stub.UndrainDeployment(undrain, timeout=TIMEOUT_S)
            print(f"{name} takes calls again")
            return 0
        drain = pb.DrainDeploymentRequest(deployment=name)
        status = stub.DrainDeployment(drain, timeout=TIMEOUT_S).status
        print(f"{name} takes no new calls; {status.in_flight} are still with it")
        return 0

    return ask(asked.target, command)
