"""`erp-gateway reload`: have a running gateway read its files again, at once."""

from collections.abc import Sequence

from gateway.admin.v1 import admin_pb2 as pb
from gateway.admin.v1.admin_pb2_grpc import AdminServiceStub
from gateway.cli.admin import TIMEOUT_S, ask, parser, reload_lines


def main(arguments: Sequence[str]) -> int:
    """Exit code 1 when the file was refused; each fault is a line `path:line:column: message`."""
    made = parser("reload", "Have a running gateway read its files again, at once.")
    made.add_argument(
        "--force", action="store_true", help="even if most deployments or routes go away"
    )
    asked = made.parse_args(arguments)

    def command(stub: AdminServiceStub) -> int:
        response = stub.Reload(pb.ReloadRequest(force=asked.force), timeout=TIMEOUT_S)
        print("\n".join([*reload_lines(response.result), *response.knowledge]))
        good = (pb.RELOAD_OUTCOME_APPLIED, pb.RELOAD_OUTCOME_UNCHANGED)
        refused = any(line.startswith("refused") for line in response.knowledge)
        return 0 if response.result.outcome in good and not refused else 1

    return ask(asked.target, command)
