"""Every failure over HTTP: the protocol's code, its HTTP status, the typed details."""

from io import BytesIO
from typing import Any

import grpc
import pytest
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo, QuotaFailure, RetryInfo

from gateway.api.connect_protocol import HTTP_STATUS, code_name, envelope
from gateway.api.error_table import TABLE
from gateway.api.metadata import CallMetadata
from gateway.api.ports import Identity
from gateway.core.errors import NoAnswer, QuotaExhausted, Shed, Unauthenticated
from gateway.v1 import chat_pb2, feedback_pb2
from tests.api.http import LOCAL_HTTP, SERVICE, Door, HttpFailed, door
from tests.api.test_grpc_errors import RAISED, raising, whole
from tests.api.test_grpc_server import QUESTION
from tests.api.test_http_calls import ASKED, BOTH

pytestmark = pytest.mark.anyio

CURL = b'{"messages":[{"role":"ROLE_USER","text":"Where is my order?"}]}'
# by https://connectrpc.com/docs/protocol#error-codes
SPOKEN = {
    "INVALID_ARGUMENT": ("invalid_argument", 400),
    "UNAUTHENTICATED": ("unauthenticated", 401),
    "PERMISSION_DENIED": ("permission_denied", 403),
    "NOT_FOUND": ("not_found", 404),
    "RESOURCE_EXHAUSTED": ("resource_exhausted", 429),
    "INTERNAL": ("internal", 500),
    "UNIMPLEMENTED": ("unimplemented", 501),
    "UNAVAILABLE": ("unavailable", 503),
    "DEADLINE_EXCEEDED": ("deadline_exceeded", 504),
}


async def refused(answers: Any) -> HttpFailed:
    """The error of a call that must fail."""
    with pytest.raises(HttpFailed) as caught:
        await whole(answers)
    return caught.value


def test_every_code_of_the_table_is_spoken_by_the_protocol() -> None:
    for row in TABLE.values():
        assert (code_name(row.code), HTTP_STATUS[row.code]) == SPOKEN[row.code.name]
    assert set(HTTP_STATUS) == set(grpc.StatusCode)
    assert code_name(grpc.StatusCode.CANCELLED) == "canceled"


@BOTH
@pytest.mark.parametrize("stream", [False, True], ids=["unary", "stream"])
@pytest.mark.parametrize(("error", "code", "reason"), RAISED, ids=str)
async def test_each_error_has_its_code_status_and_reason(
    error: Exception, code: grpc.StatusCode, reason: str, stream: bool, is_json: bool
) -> None:
    async with door() as opened:
        opened.edge.engine.act = raising(error)
        if stream:
            failed = await refused(opened.stream(ASKED, is_json=is_json, x_request_id="r-9"))
        else:
            failed = await refused(
                opened.call("Chat", QUESTION, is_json=is_json, x_request_id="r-9")
            )
    name, http_status = SPOKEN[code.name]
    assert failed.error["code"] == name
    assert failed.http_status == (200 if stream else http_status)
    info = failed.detail(ErrorInfo)
    assert (info.reason, info.metadata["request_id"]) == (reason, "r-9")
    assert failed.headers["x-request-id"] == "r-9"
    assert "secret" not in str(failed.error) + str(failed.headers)


async def test_all_violations_are_listed_at_once() -> None:
    message = chat_pb2.ChatRequest(messages=[chat_pb2.ChatMessage(role=1, text="")])  # type: ignore[arg-type]
    message.options.locale = "zh_CN"
    async with door() as opened:
        failed = await refused(opened.call("Chat", message, is_json=True, x_erp_version="?"))
    fields = [v.field for v in failed.detail(BadRequest).field_violations]
    assert fields == ["x-erp-version", "messages[0].text", "options.locale"]


async def test_waits_are_told_to_plain_http_too() -> None:
    async with door() as opened:
        opened.edge.engine.act = raising(QuotaExhausted("rpm", 2.5))
        failed = await refused(opened.call("Chat", QUESTION))
        assert failed.headers["Retry-After"] == "3"
        assert failed.detail(QuotaFailure).violations[0].subject == "rpm"
        opened.edge.engine.act = raising(Shed("full", 2.0))
        failed = await refused(opened.call("Chat", QUESTION))
        assert 1 <= int(failed.headers["Retry-After"]) <= 3
        assert failed.detail(RetryInfo)
        opened.edge.engine.act = raising(NoAnswer("failed"))
        failed = await refused(opened.call("Chat", QUESTION))
        assert "Retry-After" not in failed.headers  # the gateway has retried already


async def test_feedback_is_not_offered_yet() -> None:
    async with door() as opened:
        asked = feedback_pb2.SubmitFeedbackRequest(request_id="r")
        failed = await refused(opened.call("SubmitFeedback", asked))
    assert (failed.http_status, failed.error["code"]) == (501, "unimplemented")


async def test_a_key_is_judged_before_the_request_is_read() -> None:
    def nobody(_method: str, metadata: CallMetadata) -> Identity:
        raise Unauthenticated(f"send `authorization: Bearer <key>`, not {metadata.authorization!r}")

    async with door(identify=nobody) as opened:
        status, headers, body = await posted(opened, "Chat", b"\xff", authorization="Bearer ü")
    assert status == 401
    assert headers["WWW-Authenticate"] == "Bearer"
    assert "Bearer \\\\" in str(body) or "xfc" in str(body)


async def posted(
    opened: Door, method: str, body: bytes, **headers: str
) -> tuple[int, Any, dict[str, Any]]:
    """The answer to any body with any headers: status, headers, JSON."""
    sent = {"Content-Type": "application/json"}
    sent |= {name.replace("_", "-"): value for name, value in headers.items()}
    async with opened.session.post(opened.base + SERVICE + method, data=body, headers=sent) as got:
        return got.status, got.headers, await got.json()


def reason_of(error: dict[str, Any]) -> str:
    return str(error["details"][0]["debug"]["reason"])


@pytest.mark.parametrize(
    ("headers", "status", "code", "reason"),
    [
        ({"Content-Type": "application/xml"}, 415, "invalid_argument", "MALFORMED_REQUEST"),
        (
            {"Content-Type": "application/connect+json"},
            *(415, "invalid_argument", "MALFORMED_REQUEST"),
        ),
        ({"Content-Encoding": "gzip"}, 501, "unimplemented", "UNIMPLEMENTED"),
        ({"Connect-Protocol-Version": "2"}, 400, "invalid_argument", "INVALID_REQUEST"),
        ({"Connect-Timeout-Ms": "-5"}, 400, "invalid_argument", "INVALID_REQUEST"),
        ({"Connect-Timeout-Ms": "12345678901"}, 400, "invalid_argument", "INVALID_REQUEST"),
        ({"Connect-Timeout-Ms": "٣"}, 400, "invalid_argument", "INVALID_REQUEST"),
        ({"Connect-Timeout-Ms": "0"}, 504, "deadline_exceeded", "DEADLINE_EXCEEDED"),
        ({"X-Request-Id": "ü"}, 400, "invalid_argument", "INVALID_REQUEST"),
        ({"X-Large": "a" * 20_000}, 431, "resource_exhausted", "REQUEST_TOO_LARGE"),
        (
            {f"X-{i}": "a" * 1_000 for i in range(17)},
            *(431, "resource_exhausted", "REQUEST_TOO_LARGE"),
        ),
    ],
    ids=str,
)
async def test_heads_that_break_the_protocol_are_refused_by_name(
    headers: dict[str, str], status: int, code: str, reason: str
) -> None:
    async with door() as opened:
        got = await posted(opened, "Chat", CURL, **headers)
        assert opened.edge.engine.seen == []
        assert (await opened.call("Chat", QUESTION)).text
    assert (got[0], got[2]["code"], reason_of(got[2])) == (status, code, reason)


@pytest.mark.parametrize(
    ("body", "named"),
    [
        (b"", "5 bytes"),
        (b"\0\0\0", "5 bytes"),
        (b"\1\0\0\0\0", "0x01"),
        (b"\2\0\0\0\0", "0x02"),
        (b"\0\0\0\0\5{}", "promises 5 bytes, 2 follow"),
        (envelope(b"{}") * 2, "promises 2 bytes, 9 follow"),
        (envelope(b"{"), "no JSON"),
        (envelope(b"\xff"), "no JSON"),
    ],
    ids=str,
)
async def test_broken_envelopes_end_the_stream_with_what_is_wrong(body: bytes, named: str) -> None:
    async with door() as opened:
        url = f"{opened.base}{SERVICE}StreamChat"
        headers = {"Content-Type": "application/connect+json"}
        async with opened.session.post(url, data=body, headers=headers) as got:
            told = await got.read()
    assert got.status == 200
    assert told[0] == 2
    assert named in told.decode(errors="replace")
    assert "MALFORMED_REQUEST" in told.decode(errors="replace")


@pytest.mark.parametrize(
    ("verb", "path", "status"),
    [
        ("GET", f"{SERVICE}Chat", 405),
        ("PUT", f"{SERVICE}StreamChat", 405),
        ("OPTIONS", f"{SERVICE}Chat", 405),
        ("POST", "/healthz", 405),
        ("POST", f"{SERVICE}Nope", 404),
        ("GET", "/", 404),
        ("POST", f"{SERVICE}Chat/", 404),
        ("GET", "/%2e%2e/etc/passwd", 404),
    ],
)
async def test_other_verbs_and_paths_are_refused_in_the_same_form(
    verb: str, path: str, status: int
) -> None:
    async with door() as opened, opened.session.request(verb, opened.base + path) as got:
        assert got.status == status
        error = await got.json()
    assert reason_of(error) == "UNIMPLEMENTED"
    assert ("Allow" in got.headers) is (status == 405)


async def test_a_body_over_the_limit_is_refused_and_the_connection_lives_on() -> None:
    async with door() as opened:
        for chunked in (False, True):
            body = b"a" * (9 << 20)
            url = f"{opened.base}{SERVICE}Chat"
            headers = {"Content-Type": "application/json"}
            sent = pieces(body) if chunked else BytesIO(body)
            async with opened.session.post(url, data=sent, headers=headers) as got:
                assert got.status == 413
                assert reason_of(await got.json()) == "REQUEST_TOO_LARGE"
        assert (await opened.call("Chat", QUESTION)).text
        assert LOCAL_HTTP.max_request_bytes < 9 << 20


async def pieces(body: bytes) -> Any:
    for start in range(0, len(body), 100_000):
        yield body[start : start + 100_000]
