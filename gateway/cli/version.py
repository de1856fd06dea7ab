"""`erp-gateway version`."""

import argparse
import platform
from collections.abc import Sequence

from gateway import __version__


def main(arguments: Sequence[str]) -> int:
    """Print the gateway's version and Python's."""
    argparse.ArgumentParser(prog="erp-gateway version").parse_args(arguments)
    print(f"erp-gateway {__version__} (Python {platform.python_version()})")
    return 0
