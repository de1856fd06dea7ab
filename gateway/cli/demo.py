"""`erp-gateway demo`: three real requests to a running gateway, or to one of its own."""

import argparse
import subprocess
import sys
from collections.abc import Sequence

import grpc

from gateway import demo
from gateway.cli.connecting import ConnectingError, add_connecting, channel_to, key_metadata

READY = "serving on "


def main(arguments: Sequence[str]) -> int:
    """Send the three requests and print the answers. Exit code 1: no answer."""
    parser = argparse.ArgumentParser(
        prog="erp-gateway demo",
        description="Send a product listing, a sales series and a customer's question.",
    )
    parser.add_argument(
        "--target", default="127.0.0.1:50051", metavar="HOST:PORT", help="default: %(default)s"
    )
    parser.add_argument("--own", action="store_true", help="start a gateway for it, and stop it")
    add_connecting(parser)
    asked = parser.parse_args(arguments)
    if asked.own:
        return _with_own()
    try:
        with channel_to(asked.target, asked) as channel:
            return demo.run(asked.target, channel, key_metadata(asked))
    except ConnectingError as error:
        print(error, file=sys.stderr)
        return 1


def _with_own() -> int:
    """A gateway on a free port, for as long as the demo takes."""
    command = [sys.executable, "-m", "gateway", "serve", "--listen", "127.0.0.1:0"]
    command += ["--log-level", "error"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:  # noqa: S603 # ours
        try:
            return _ask(server)
        finally:
            server.terminate()


def _ask(server: subprocess.Popen[str]) -> int:
    for line in server.stdout or ():
        print(line, end="")
        if line.startswith(READY):
            target = line.removeprefix(READY).split()[0]
            with grpc.insecure_channel(target) as channel:
                return demo.run(target, channel)
    return server.wait() or 1
