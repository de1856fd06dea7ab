"""`erp-gateway serve`: the server itself."""

import logging
from collections.abc import Sequence
from dataclasses import replace

from gateway.cli.arguments import load_or_tell, parser
from gateway.config.summary import summary
from gateway.wiring import Application, serve


def main(arguments: Sequence[str]) -> int:
    """Serve until SIGTERM or SIGINT. Exit code 1 when the configuration has faults."""
    asking = parser("serve", "Serve the calls until SIGTERM, then finish those in progress.")
    asking.add_argument(
        "--listen", default="", metavar="ADDRESS:PORT", help="instead of server.listen in the file"
    )
    asked = asking.parse_args(arguments)
    config = load_or_tell(asked.config)
    if config is None:
        return 1
    if asked.listen:
        config = replace(config, server=replace(config.server, listen=asked.listen))
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    print(summary(config), flush=True)
    serve(config, _tell_ready)
    return 0


def _tell_ready(application: Application) -> None:
    print(f"ready at {application.address}; try: erp-gateway demo --target {application.address}")
