"""The control endpoints: what a script outside the process asks the server, as JSON over HTTP."""

from collections.abc import Callable
from typing import Any, Protocol

import orjson

from tests.faults.catalogue import UnknownBehaviourError
from tests.faults.http_request import Request
from tests.faults.log import Log
from tests.faults.script import Player

Reply = tuple[int, Any]


class Controlled(Protocol):
    """What the endpoints command."""

    log: Log
    player: Player

    @property
    def open_connections(self) -> int:
        """Connections open now."""

    def reset(self) -> None:
        """Forget calls and scripts."""

    def close_listening(self, for_s: float | None) -> None:
        """Stop listening and drop the callers, for ever or for so long."""

    def open_listening(self) -> None:
        """Listen again."""


def control(server: Controlled, request: Request) -> Reply:
    """Status and JSON for a control request."""
    endpoint = ENDPOINTS.get(request.path)
    if endpoint is None:
        return 404, {"error": f"no control endpoint {request.path!r}: {', '.join(ENDPOINTS)}"}
    try:
        return endpoint(server, request)
    except (UnknownBehaviourError, KeyError, TypeError, ValueError) as error:
        return 400, {"error": f"{type(error).__name__}: {error}"}


def _log(server: Controlled, request: Request) -> Reply:
    last = int(request.query.get("last", "10000"))
    return 200, {
        "calls": server.log.as_json(request.query.get("model"), last),
        "counts": dict(server.player.calls),
        "open_connections": server.open_connections,
    }


def _script(server: Controlled, request: Request) -> Reply:
    wanted = orjson.loads(request.body)
    written = wanted.get("behaviours")
    if written is None:  # {"model": ..., "text": ...} is short for one behaviour
        written = [{key: value for key, value in wanted.items() if key != "model"}]
    server.player.script(wanted["model"], written)
    return 200, {"model": wanted["model"], "behaviours": len(written)}


def _reset(server: Controlled, request: Request) -> Reply:
    server.reset()
    return 200, {"reset": True}


def _down(server: Controlled, request: Request) -> Reply:
    for_s = request.query.get("for_s")
    server.close_listening(float(for_s) if for_s else None)
    return 200, {"up": False}


def _up(server: Controlled, request: Request) -> Reply:
    server.open_listening()
    return 200, {"up": True}


ENDPOINTS: dict[str, Callable[[Controlled, Request], Reply]] = {
    "/_log": _log,
    "/_script": _script,
    "/_reset": _reset,
    "/_down": _down,
    "/_up": _up,
}
