"""`python -m tests.faults --port 0`: serve until SIGINT or SIGTERM.

Prints one line: the port, and the control port after it if one was asked for.
"""

import argparse
import asyncio
import resource
import signal

import uvloop

from tests.faults.server import FaultServer, Options


def main() -> None:
    """Read the arguments and serve."""
    arguments = _arguments()
    allowed = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, allowed))  # one file per caller
    uvloop.run(_serve(arguments))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0: any free one (default)")
    parser.add_argument("--control-port", type=int, help="stays open during /_down; 0: any")
    parser.add_argument("--tls", action="store_true", help="with a certificate made on the spot")
    parser.add_argument("--time-scale", type=float, default=1.0, help="times every pause")
    parser.add_argument("--seed", type=int, default=0, help="of chaos")
    return parser.parse_args()


async def _serve(arguments: argparse.Namespace) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    async with FaultServer(Options(**vars(arguments))) as faults:
        ports = [str(port) for port in (faults.port, faults.control_port) if port is not None]
        print(*ports, flush=True)  # noqa: T201 - the one line a parent process reads
        await stop.wait()


if __name__ == "__main__":
    main()
