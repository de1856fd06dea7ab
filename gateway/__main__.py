"""The command `erp-gateway`, also as `python -m gateway`.

A command's module is imported when it is asked for: `version` needs no pydantic, `check` no gRPC.
"""

import argparse
import importlib
import os
import signal
import sys
from collections.abc import Sequence

COMMANDS = {
    "serve": "serve the calls",
    "check": "read the configuration and list every fault in it",
    "explain": "say where a call would go, and why not elsewhere",
    "status": "say how a running gateway is: configuration, models, breakers, cache",
    "reload": "have a running gateway read its files again, at once",
    "drain-deployment": "take a model out of a running gateway, or in again",
    "flush": "have a running gateway forget cached answers",
    "recent": "show the last answered calls of a running gateway with their trails",
    "health": "say whether a running gateway answers",
    "demo": "send a listing, a sales series and a question to a running gateway",
    "keys": "make, list, revoke and replace the keys of tenants",
    "anomaly": "judge or draw a CSV file of daily sales, without a server",
    "keywords": "import what shoppers typed, from a marketplace's report",
    "kb": "check, test and grow the knowledge bases of Chat",
    "mcp": "show and approve the tools of MCP servers",
    "export": "write labelled conversations for fine-tuning",
    "config": "print the configuration's reference, its JSON Schema, or what was in force",
    "rollback": "write an earlier version back into the configuration file",
    "diff": "say what a new configuration changes, and for whom",
    "test": "run the cases beside the configuration: which call goes where",
    "version": "print the version",
}

SIGNALLED = 128
"""Exit codes above it name a signal, as shells have it."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command. Returns the exit code: 0 fine, 1 a fault was found, 2 wrong usage."""
    listing = "\n".join(f"  {name:<16} {what}" for name, what in COMMANDS.items())
    parser = argparse.ArgumentParser(
        prog="erp-gateway",
        description="The ERP AI Gateway.",
        epilog=f"commands:\n{listing}\n\n`erp-gateway COMMAND --help` says more.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("command", choices=COMMANDS, metavar="COMMAND", help="see below")
    parser.add_argument("rest", nargs=argparse.REMAINDER, help=argparse.SUPPRESS)
    asked = parser.parse_args(argv)
    command = importlib.import_module(f"gateway.cli.{asked.command.replace('-', '_')}")
    try:
        code: int = command.main(asked.rest)
        sys.stdout.flush()
    except BrokenPipeError:  # `| head` has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # for the flush at the end
        return SIGNALLED + signal.SIGPIPE
    except KeyboardInterrupt:
        return SIGNALLED + signal.SIGINT
    except OSError as error:
        if not error.filename:
            raise
        sys.stderr.write(f"{error.filename}: {error.strerror}\n")  # of --out, for one
        return 1
    return code


if __name__ == "__main__":
    sys.exit(main())
