"""`erp-gateway serve`: the server itself."""

import contextlib
import gc
import logging
import os
import signal
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from types import FrameType
from typing import TYPE_CHECKING, NoReturn

from gateway.adapters.telemetry.logs import set_up
from gateway.cli.arguments import add_state_dir, config_path, parser, tell
from gateway.config import Config, ConfigError
from gateway.config.doors import door_faults
from gateway.config.history import History, state_folder
from gateway.config.source import Source
from gateway.core.options import AdminOptions, LogLevel, Plan, ServerOptions
from gateway.rules import masking
from gateway.workers import worker
from gateway.workers.heap import one_heap
from gateway.workers.ports import PortHeld
from gateway.workers.supervisor import Crew, supervise

if TYPE_CHECKING:
    from gateway.wiring import Application

log = logging.getLogger(__name__)

ONE_THREAD = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS")
"""Numpy's threads would fight over the cores for matrices that fit a cache; set before numpy."""


def main(arguments: Sequence[str]) -> int:
    """Serve until SIGTERM or SIGINT. Exit code 1: a fault in the file, or no address."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _end)  # until there is something to drain
    gc.disable()  # nothing of a start is garbage; `wiring.serve` sets it going when all has loaded
    asked = _parser().parse_args(arguments)
    path, env = config_path(asked.config), dict(os.environ)
    history = History(state_folder(asked.state_dir, env), path)
    source = Source(
        path=path,
        env=env,
        adjust=lambda config: _adjusted(config, asked),
        keep=history.keep,
    )
    config = _load(source, history)
    if config is None:
        return 1
    if faults := list(door_faults(config)):
        print("\n".join(faults), file=sys.stderr)
        return 1
    set_up(config.log.level.value, redact=_redacted)
    if worker.number():
        worker.end_with_supervisor()
    elif (workers := config.server.workers if asked.workers is None else asked.workers) > 1:
        gc.enable()  # it lives as long as its workers, and loads no more
        return _supervise(asked, config, workers)
    return _serve(config, source)


def _end(_number: int, _frame: FrameType | None) -> NoReturn:
    """Told to end before anything was begun."""
    raise SystemExit(0)


def _redacted(text: str) -> str:
    return masking.redacted(text)  # named only when a line is written: its patterns take 30 ms


def _parser() -> ArgumentParser:
    made = parser("serve", "Serve the calls.")
    made.add_argument("--listen", metavar="HOST:PORT", help="instead of the file's server.listen")
    made.add_argument(
        "--http-listen", metavar="HOST:PORT", help="instead of server.http_listen; '' for no HTTP"
    )
    made.add_argument(
        "--admin-listen", metavar="HOST:PORT", help="instead of admin.listen; '' for no such port"
    )
    add_state_dir(made)
    made.add_argument(
        "--workers", type=int, metavar="N", help="processes on the same port (server.workers)"
    )
    made.add_argument(
        "--open", action="store_true", help="as security.open: ask nobody for a key, anywhere"
    )
    made.add_argument(
        "--metrics-listen", metavar="HOST:PORT", help="instead of metrics.listen; '' for none"
    )
    made.add_argument(
        "--log-level", choices=[level.value for level in LogLevel], help="instead of log.level"
    )
    return made


def _load(source: Source, history: History) -> Config | None:
    """The configuration, or the last good one of a file with faults; None when there is none."""
    try:
        return source.read()[0]
    except ConfigError as error:
        tell(error)
    for kept in reversed(history.versions()):
        with contextlib.suppress(ConfigError):
            config = source.of(history.text(kept))
            at = datetime.fromtimestamp(kept.at_s, UTC)
            print(
                f"serving the last good version instead, {kept.version} of {at:%Y-%m-%d %H:%M} UTC"
                f" ({kept.path}); mend {source.path}: it is taken over at once",
                file=sys.stderr,
            )
            return config
    return None


def _adjusted(config: Config, asked: Namespace) -> Config:
    """With what the command line says otherwise."""
    server = _server(config.server, asked.listen, asked.http_listen)
    config = replace(config, server=server, admin=_admin(config.admin, asked))
    if asked.open:
        config = replace(config, security=replace(config.security, open=True))
    if asked.log_level is not None:
        config = replace(config, log=replace(config.log, level=LogLevel(asked.log_level)))
    listen = config.metrics.listen if asked.metrics_listen is None else asked.metrics_listen
    return replace(config, metrics=replace(config.metrics, listen=worker.own_address(listen)))


def _admin(admin: AdminOptions, asked: Namespace) -> AdminOptions:
    """As with the HTTP door: with `--listen` alone the file's port is left to another.

    Of several workers the first has the port that is said, and each further one the next.
    """
    listen = asked.admin_listen
    if listen is None:
        listen = "" if asked.listen else admin.listen
    host, colon, port = listen.rpartition(":")
    if colon and port.isdecimal() and int(port) and worker.number() > 1:
        listen = f"{host}:{int(port) + worker.number() - 1}"
    return replace(admin, listen=listen)


def _supervise(asked: Namespace, config: Config, workers: int) -> int:
    """Several processes on the addresses of one."""
    server = config.server
    try:
        with ExitStack() as held:
            listen = held.enter_context(PortHeld(server.listen)).address
            http = server.http_listen
            if http:
                http = held.enter_context(PortHeld(http)).address
            arguments = _workers_arguments(asked, config, (listen, http))
            supervise(Crew(arguments=arguments, workers=workers, drain_s=server.drain_s))
    except OSError as error:
        print(error, file=sys.stderr)
    return 1


def _workers_arguments(asked: Namespace, config: Config, doors: tuple[str, str]) -> list[str]:
    """What each worker is told; the rest it reads in the file, so that a reload may change it."""
    listen, http = doors
    arguments = ["--config", asked.config, "--state-dir", asked.state_dir]
    arguments += ["--listen", listen, "--http-listen", http]
    arguments += ["--metrics-listen", config.metrics.listen, "--admin-listen", config.admin.listen]
    arguments += ["--open"] if asked.open else []
    return arguments + (["--log-level", asked.log_level] if asked.log_level else [])


def _server(server: ServerOptions, listen: str | None, http: str | None) -> ServerOptions:
    """The addresses asked for. With `--listen` alone the file's HTTP port is left to another."""
    if listen:
        server = replace(server, listen=listen, http_listen="")
    return server if http is None else replace(server, http_listen=http)


def _serve(config: Config, source: Source) -> int:
    one_heap()
    for name in ONE_THREAD:
        os.environ.setdefault(name, "1")
    from gateway import wiring  # noqa: PLC0415 # after the threads are set, and after the checks

    try:
        wiring.serve(config, _tell, source)
    except (
        ConfigError,
        OSError,
        wiring.KnowledgeError,
        wiring.KnowledgeUnreadableError,
        wiring.EnginesUnloadableError,
        wiring.TlsFault,
    ) as error:
        print(error, file=sys.stderr)
        return 1


def _tell(application: "Application") -> None:
    """What people at the terminal, and scripts that wait for it, want to know."""
    for warning in application.security.warnings:
        print(warning)
        log.warning(warning)
    print("\n".join(_lines(application.config.plan)))
    if application.http_address:
        print(f"http on {application.http_address}")
    if application.metrics_address:
        print(f"metrics on {application.metrics_address}")
    if application.admin_address:
        print(f"admin on {application.admin_address}")
    print(f"serving on {application.address} (version {application.config.plan.version})")
    print(f"try it: erp-gateway demo --target {application.address}", flush=True)


def _lines(plan: Plan) -> list[str]:
    on = [f"  on   {d.name}: {d.provider}/{d.model}" for d in plan.deployments.values()]
    off = [f"  off  {name}: {reason}" for name, reason in plan.off.items()]
    if not on:
        off.append("  no model is on: the rules answer every call, and say so")
    return ["deployments:", *on, *off]
