"""From a request to the steps of its reply, by path and by the model's script."""

from typing import Any

import orjson

from tests.faults.catalogue import UnknownBehaviourError
from tests.faults.draft import Call
from tests.faults.http_request import Request
from tests.faults.log import Log, Seen, kept_body, now_s, without_secrets
from tests.faults.refusals import INVALID, error_body
from tests.faults.script import Player, known_behaviours
from tests.faults.wire import Step

CHAT_PATHS = frozenset(
    {"/v1/chat/completions", "/chat/completions", "/compatible-mode/v1/chat/completions"}
)
MODEL_PATHS = frozenset({"/v1/models", "/models", "/compatible-mode/v1/models"})


def answered(
    request: Request, log: Log, player: Player, elsewhere: str
) -> tuple[tuple[Step, ...], Seen]:
    """The reply to a request of the model API, and its record, already in the log."""
    body = _parsed(request.body)
    seen = _record(request, body)
    log.add(seen)
    if request.path in MODEL_PATHS:
        return (_models(),), seen
    if request.path not in CHAT_PATHS:
        return (_refused(404, f"no such path: {request.path}", "not_found"),), seen
    if request.method != "POST" or not isinstance(body, dict) or not seen.model:
        return (_refused(400, "a JSON object with a model is needed", "invalid_body"),), seen
    return _played(seen, player, Call(seen.model, body, elsewhere)), seen


def plain(status: int, body: bytes) -> bytes:
    """A whole JSON response."""
    head = f"HTTP/1.1 {status} -\r\ncontent-type: application/json\r\n"
    return f"{head}content-length: {len(body)}\r\n\r\n".encode() + body


def _played(seen: Seen, player: Player, call: Call) -> tuple[Step, ...]:
    try:
        play = player.next(seen.model)
    except UnknownBehaviourError as error:
        seen.played = "unknown"
        return (_refused(404, str(error), "model_not_found"),)
    seen.played = play.do
    return player.reply(play, call)


def _models() -> bytes:
    listed = [{"id": name, "object": "model"} for name in known_behaviours()]
    return plain(200, orjson.dumps({"object": "list", "data": listed}))


def _parsed(body: bytes) -> Any:
    try:
        return orjson.loads(body) if body else None
    except orjson.JSONDecodeError:
        return None


def _record(request: Request, body: Any) -> Seen:
    model = str(body.get("model", "")) if isinstance(body, dict) else ""
    return Seen(
        method=request.method,
        path=request.path,
        headers=without_secrets(request.headers),
        body=kept_body(body, len(request.body)),
        model=model,
        received_s=now_s(),
    )


def _refused(status: int, message: str, code: str) -> bytes:
    return plain(status, error_body(message, INVALID, code))
