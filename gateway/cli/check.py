"""`erp-gateway check`: every fault of the configuration, or what it amounts to."""

from collections.abc import Sequence

from gateway.cli.arguments import load_or_tell, parser
from gateway.config.summary import summary


def main(arguments: Sequence[str]) -> int:
    """Exit code 1 when the file has faults; each is a line `path:line:column: message`."""
    asked = parser("check", "Read the configuration and list every fault in it.").parse_args(
        arguments
    )
    config = load_or_tell(asked.config)
    if config is None:
        return 1
    print(summary(config))
    return 0
