"""`erp-gateway serve`: the server itself."""

import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from gateway.adapters.telemetry.logs import set_up
from gateway.cli.arguments import load_or_tell, parser
from gateway.config import Config
from gateway.core.options import LogLevel, Plan, ServerOptions
from gateway.rules.masking import redacted

if TYPE_CHECKING:
    from gateway.wiring import Application

ONE_THREAD = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS")
"""Numpy's threads would fight over the cores for matrices that fit a cache; set before numpy."""


def main(arguments: Sequence[str]) -> int:
    """Serve until SIGTERM or SIGINT. Exit code 1: a fault in the file, or no address."""
    made = parser("serve", "Serve the calls.")
    made.add_argument("--listen", metavar="HOST:PORT", help="instead of the file's server.listen")
    made.add_argument(
        "--http-listen", metavar="HOST:PORT", help="instead of server.http_listen; '' for no HTTP"
    )
    made.add_argument(
        "--metrics-listen", metavar="HOST:PORT", help="instead of metrics.listen; '' for none"
    )
    made.add_argument(
        "--log-level", choices=[level.value for level in LogLevel], help="instead of log.level"
    )
    asked = made.parse_args(arguments)
    config = load_or_tell(asked.config)
    if config is None:
        return 1
    config = replace(config, server=_server(config.server, asked.listen, asked.http_listen))
    if asked.metrics_listen is not None:
        config = replace(config, metrics=replace(config.metrics, listen=asked.metrics_listen))
    if asked.log_level is not None:
        config = replace(config, log=replace(config.log, level=LogLevel(asked.log_level)))
    set_up(config.log.level.value, redact=redacted)
    return _serve(config)


def _server(server: ServerOptions, listen: str | None, http: str | None) -> ServerOptions:
    """The addresses asked for. With `--listen` alone the file's HTTP port is left to another."""
    if listen:
        server = replace(server, listen=listen, http_listen="")
    return server if http is None else replace(server, http_listen=http)


def _serve(config: Config) -> int:
    for name in ONE_THREAD:
        os.environ.setdefault(name, "1")
    from gateway import wiring  # noqa: PLC0415 # after the threads are set, and after the checks

    try:
        wiring.serve(config, _tell)
    except (OSError, wiring.KnowledgeError, wiring.KnowledgeUnreadableError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _tell(application: "Application") -> None:
    """What people at the terminal, and scripts that wait for it, want to know."""
    print("\n".join(_lines(application.config.plan)))
    if application.http_address:
        print(f"http on {application.http_address}")
    if application.metrics_address:
        print(f"metrics on {application.metrics_address}")
    print(f"serving on {application.address} (version {application.config.plan.version})")
    print(f"try it: erp-gateway demo --target {application.address}", flush=True)


def _lines(plan: Plan) -> list[str]:
    on = [f"  on   {d.name}: {d.provider}/{d.model}" for d in plan.deployments.values()]
    off = [f"  off  {name}: {reason}" for name, reason in plan.off.items()]
    if not on:
        off.append("  no model is on: the rules answer every call, and say so")
    return ["deployments:", *on, *off]
