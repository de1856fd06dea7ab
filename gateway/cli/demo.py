"""`erp-gateway demo`: three real requests to a running gateway."""

import argparse
from collections.abc import Sequence

from gateway.demo import run


def main(arguments: Sequence[str]) -> int:
    """Send the three requests and print the answers. Returns what the demo returns."""
    parser = argparse.ArgumentParser(
        prog="erp-gateway demo",
        description="Send a product listing, a sales series and a customer's question.",
    )
    parser.add_argument(
        "--target", default="127.0.0.1:50051", metavar="ADDRESS:PORT", help="default: %(default)s"
    )
    return run(parser.parse_args(arguments).target)
