"""`erp-gateway serve`: the server itself."""

from collections.abc import Sequence

from gateway import wiring
from gateway.cli.arguments import config_path, parser


def main(arguments: Sequence[str]) -> int:
    """Serve until told to stop. Returns what `wiring.serve` returns."""
    asked = parser("serve", "Serve the calls.").parse_args(arguments)
    return wiring.serve(config_path(asked.config))
