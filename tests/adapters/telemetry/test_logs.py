"""Log lines: whose call, and never a text."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from gateway.adapters.telemetry.logs import JsonFormatter, LogObserver, set_level, set_up
from gateway.core.current import CURRENT, CallEnd, CallInProgress
from gateway.core.errors import ServerError
from gateway.rules.masking import redacted

log = logging.getLogger("gateway.test")


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    """What the root logger writes as the gateway sets it up; put back afterwards."""
    root, stream = logging.getLogger(), io.StringIO()
    handlers, level = root.handlers[:], root.level
    set_up("info", stream, redacted)
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_every_line_of_a_call_has_its_request_id_and_trace(stream: io.StringIO) -> None:
    token = CURRENT.set(CallInProgress("Chat", "r-7", trace_id="ab" * 16))
    log.warning("something")
    CURRENT.reset(token)
    log.warning("something else")
    first, second = lines(stream)
    assert (first["request_id"], first["trace_id"]) == ("r-7", "ab" * 16)
    assert "request_id" not in second


def test_the_level_changes_while_the_process_runs(stream: io.StringIO) -> None:
    log.debug("1")
    set_level("debug")
    log.debug("2")
    set_level("error")
    log.warning("3")
    assert [line["message"] for line in lines(stream)] == ["2"]


def test_foreign_exceptions_are_told_by_kind_and_place_alone(stream: io.StringIO) -> None:
    try:
        try:
            int("a customer's text")
        except ValueError as error:
            raise ServerError("the adapter failed; see the log") from error
    except ServerError:
        log.exception("it failed")
    told = lines(stream)[0]["traceback"]
    assert "customer" not in told
    assert "builtins.ValueError" in told
    assert "ServerError: the adapter failed; see the log" in told
    assert "test_logs.py" in told


def test_what_looks_like_a_secret_or_personal_is_replaced(stream: io.StringIO) -> None:
    log.warning("refused %s for %s", "sk-abcdefghij0123456789", "a@b.example")
    assert lines(stream)[0]["message"] == "refused [SECRET_1] for [EMAIL_1]"


def test_a_call_that_was_not_answered_has_a_line_of_its_own(stream: io.StringIO) -> None:
    call, watcher = CallInProgress("Chat", "r", "acme"), LogObserver()
    watcher.ended(call, CallEnd("OK", "", 0.1))
    watcher.ended(call, CallEnd("INVALID_ARGUMENT", "INVALID_REQUEST", 0.1))
    watcher.ended(call, CallEnd("UNAVAILABLE", "ALL_MODELS_FAILED", 0.1))
    told = [(line["level"], line["message"], line["reason"]) for line in lines(stream)]
    assert told == [
        ("INFO", "refused", "INVALID_REQUEST"),
        ("WARNING", "failed", "ALL_MODELS_FAILED"),
    ]


def test_a_line_is_json_whatever_is_logged() -> None:
    record = logging.LogRecord("x", logging.INFO, "f", 1, 'a "quoted"\n%s', ("b\n",), None)
    assert json.loads(JsonFormatter().format(record))["message"] == 'a "quoted"\nb\n'
