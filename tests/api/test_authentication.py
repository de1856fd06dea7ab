"""Who calls: what is known, what is refused, and that a refusal tells nothing."""

import asyncio
import json
import logging
from dataclasses import dataclass, replace
from typing import Any

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from gateway.api.authentication import CALLS, REFUSED, KeyCheck, bearer
from gateway.api.metadata import CallMetadata
from gateway.api.methods import stream_methods, unary_methods
from gateway.api.ports import Identity
from gateway.core.errors import PermissionDenied, Unauthenticated
from gateway.core.guessing import BURST, FORGET_S
from gateway.core.keys import Key, KeyRing, Refusal, digest_of, id_of, minted
from gateway.core.options import ClientCertificate
from gateway.core.scopes import Scopes
from tests.api.conftest import edge
from tests.api.http import HttpFailed, door
from tests.api.test_grpc_server import QUESTION

NOW_S = 1_800_000_000.0


def made(seed: int, tenant: str = "eu", **fields: Any) -> tuple[str, Key]:
    text = minted(lambda count: bytes([seed]) * count)
    key = Key(id=id_of(text), tenant=tenant, sha256=digest_of(text), created_s=0.0, **fields)
    return text, key


GOOD, KEY = made(1)
EXPIRED, EXPIRED_KEY = made(2, expires_s=NOW_S - 1)
REVOKED, REVOKED_KEY = made(3, revoked_s=NOW_S - 1)
NARROW, NARROW_KEY = made(4, scopes=Scopes(calls=("extract_keywords",)))
UNKNOWN, _ = made(5)
WRONG = GOOD[:20] + ("x" if GOOD[20] != "x" else "y") + GOOD[21:]
RING = KeyRing([KEY, EXPIRED_KEY, REVOKED_KEY, NARROW_KEY])
REFUSED_KEYS = {
    "absent": "",
    "no bearer": f"Basic {GOOD}",
    "unknown": f"Bearer {UNKNOWN}",
    "wrong": f"Bearer {WRONG}",
    "expired": f"Bearer {EXPIRED}",
    "revoked": f"Bearer {REVOKED}",
    "another system's": "Bearer sk-proj-abcdefghijklmnopqrstuvwx",
}


@dataclass
class FakePeer:
    """An address and the names in a certificate."""

    at: str = "192.0.2.1"
    shown: tuple[str, ...] = ()

    def address(self) -> str:
        return self.at

    def names(self) -> tuple[str, ...]:
        return self.shown


def check(ring: KeyRing = RING, **clients: ClientCertificate) -> KeyCheck:
    return KeyCheck(ring, lambda: NOW_S, {k.replace("_", ":", 1): v for k, v in clients.items()})


def sent(authorization: str, **peer: Any) -> CallMetadata:
    return CallMetadata("r", authorization=authorization, peer=FakePeer(**peer))


def refused(by: KeyCheck, authorization: str, **peer: Any) -> str:
    with pytest.raises(Unauthenticated) as caught:
        by("Chat", sent(authorization, **peer))
    return str(caught.value)


def test_a_known_key_is_its_tenant_with_its_id_and_scopes() -> None:
    identity = check()("Chat", sent(f"Bearer {GOOD}"))
    assert (identity.tenant, identity.key_id) == ("eu", KEY.id)
    assert identity.scopes == KEY.scopes


@pytest.mark.parametrize("why", REFUSED_KEYS)
def test_every_refusal_is_one_text(why: str) -> None:
    assert refused(check(), REFUSED_KEYS[why]) == REFUSED


def test_a_key_may_call_only_what_its_scope_names() -> None:
    assert check()("ExtractKeywords", sent(f"Bearer {NARROW}")).key_id == NARROW_KEY.id
    for method in set(CALLS) - {"ExtractKeywords"}:
        with pytest.raises(PermissionDenied):
            check()(method, sent(f"Bearer {NARROW}"))


def test_a_method_without_a_scope_of_its_own_needs_a_key_without_limits() -> None:
    assert check()("Later", sent(f"Bearer {GOOD}")).tenant
    with pytest.raises(PermissionDenied):
        check()("Later", sent(f"Bearer {NARROW}"))


def test_every_method_of_the_service_has_a_scope() -> None:
    nothing: Any = type("Tasks", (), {"chat": None, "keywords": None, "anomaly": None})
    assert {*unary_methods(nothing), *stream_methods(nothing)} == set(CALLS)


def test_a_key_is_refused_the_moment_it_ends_and_known_the_moment_it_comes() -> None:
    now = [NOW_S]
    by = KeyCheck(KeyRing([replace(KEY, expires_s=NOW_S + 5)]), lambda: now[0])
    assert by("Chat", sent(f"Bearer {GOOD}")).tenant
    now[0] += 5
    assert refused(by, f"Bearer {GOOD}")
    by.ring = RING
    assert by("Chat", sent(f"Bearer {GOOD}")).tenant


# ---- certificates

EU = ClientCertificate(tenant="eu", routes=("r",))


def test_a_certificate_with_an_entry_is_its_tenant() -> None:
    by = check(uri_spiffe=EU)
    identity = by("Chat", sent("", shown=("dns:other", "uri:spiffe")))
    assert (identity.tenant, identity.key_id, identity.scopes.routes) == ("eu", "", ("r",))
    assert refused(by, "", shown=("dns:spiffe", "cn:uri:spiffe"))


def test_the_surest_name_of_a_certificate_counts() -> None:
    by = check(uri_a=EU, cn_b=ClientCertificate(tenant="us"))
    assert by("Chat", sent("", shown=("uri:a", "cn:b"))).tenant == "eu"


def test_a_key_counts_before_the_certificate_and_must_be_of_the_same_tenant() -> None:
    by = check(cn_eu=EU, cn_us=ClientCertificate(tenant="us"))
    assert by("Chat", sent(f"Bearer {GOOD}", shown=("cn:eu",))).key_id == KEY.id
    assert refused(by, f"Bearer {GOOD}", shown=("cn:us",))
    assert by.refusals == {Refusal.MISMATCH: 1}


def test_a_wrong_key_is_not_healed_by_a_good_certificate() -> None:
    for why, authorization in REFUSED_KEYS.items():
        if bearer(authorization):
            assert refused(check(cn_eu=EU), authorization, shown=("cn:eu",)), why


# ---- guessing


def test_guessing_at_a_key_shuts_it_for_that_address_alone_even_for_the_right_one() -> None:
    now = [0.0]
    by = KeyCheck(RING, lambda: NOW_S, clock=lambda: now[0])
    for _ in range(BURST):
        refused(by, f"Bearer {WRONG}")
    assert refused(by, f"Bearer {GOOD}") == REFUSED
    assert by.refusals == {Refusal.WRONG: BURST, Refusal.THROTTLED: 1}
    assert by("Chat", sent(f"Bearer {GOOD}", at="192.0.2.2")).tenant
    assert by("ExtractKeywords", sent(f"Bearer {NARROW}")).tenant
    now[0] += FORGET_S
    assert by("Chat", sent(f"Bearer {GOOD}")).tenant


def test_a_clock_that_is_set_back_shuts_nobody_out_and_hides_no_refusal(
    caplog: pytest.LogCaptureFixture,
) -> None:
    wall, clock = [NOW_S], [0.0]
    by = KeyCheck(RING, lambda: wall[0], clock=lambda: clock[0])
    refused(by, f"Bearer {WRONG}")
    wall[0] -= 3_600
    clock[0] += 60
    assert by("Chat", sent(f"Bearer {GOOD}")).tenant
    refused(by, f"Bearer {WRONG}")
    assert caplog.messages == ["a key was refused"] * 2


def test_an_old_key_that_goes_on_calling_shuts_out_nobody() -> None:
    by = check()
    for _ in range(1_000):
        refused(by, f"Bearer {EXPIRED}")
        refused(by, f"Bearer {UNKNOWN}")
    assert by("Chat", sent(f"Bearer {GOOD}")).tenant


# ---- the log


def test_the_log_tells_why_once_a_minute_and_address_without_any_key(
    caplog: pytest.LogCaptureFixture,
) -> None:
    now = [0.0]
    by = KeyCheck(RING, lambda: NOW_S, clock=lambda: now[0])
    with caplog.at_level(logging.DEBUG):
        for authorization in REFUSED_KEYS.values():
            for _ in range(100):
                refused(by, authorization)
            now[0] += 60
    events: list[Any] = [getattr(record, "event", {}) for record in caplog.records]
    assert len(events) == len(REFUSED_KEYS)
    reasons = ["absent", "absent", "unknown", "wrong", "expired", "revoked", "unknown"]
    assert [event["reason"] for event in events] == reasons
    wrong = events[3]
    assert (wrong["key_id"], wrong["tenant"], wrong["mistyped"]) == (KEY.id, "eu", True)
    whole = json.dumps(events) + caplog.text
    for text in (GOOD, WRONG, EXPIRED, REVOKED, UNKNOWN, "sk-proj"):
        assert text.rsplit("_", 1)[-1] not in whole
    assert events[6]["key_id"] == ""


# ---- over real sockets


def headers_with(authorization: str) -> dict[str, Any]:
    headers: dict[str, Any] = {"x-request-id": "r-1"}
    return headers | {"authorization": authorization} if authorization else headers


@pytest.mark.anyio
async def test_both_doors_refuse_every_bad_key_with_the_same_bytes() -> None:
    by_http, by_grpc = set(), set()
    async with door(identify=check()) as opened:
        for authorization in REFUSED_KEYS.values():
            headers = headers_with(authorization)
            with pytest.raises(HttpFailed) as http:
                await opened.call("Chat", QUESTION, **headers)
            told = {k: v for k, v in http.value.headers.items() if k != "Date"}
            by_http.add((http.value.http_status, json.dumps(http.value.error), json.dumps(told)))
            with pytest.raises(grpc.aio.AioRpcError) as call:
                await opened.edge.stub.Chat(QUESTION, metadata=tuple(headers.items()))
            trailers = tuple(call.value.trailing_metadata() or ())
            by_grpc.add((call.value.code(), call.value.details(), trailers))
    ((http_status, error, _),) = by_http
    ((code, details, _),) = by_grpc
    assert (http_status, code) == (401, grpc.StatusCode.UNAUTHENTICATED)
    assert details == REFUSED
    assert REFUSED in error


@pytest.mark.anyio
async def test_a_known_key_reaches_the_engine_as_its_tenant_through_both_doors() -> None:
    headers: dict[str, Any] = {"authorization": f"Bearer {GOOD}"}
    async with door(identify=check()) as opened:
        await opened.call("Chat", QUESTION, **headers)
        await opened.edge.stub.Chat(QUESTION, metadata=tuple(headers.items()))
        callers = [caller for _, caller in opened.edge.engine.seen]
    assert [(caller.tenant, caller.key_id) for caller in callers] == [("eu", KEY.id)] * 2


@pytest.mark.anyio
async def test_a_bad_key_is_refused_over_http_before_the_body_has_come() -> None:
    async with door(identify=check()) as opened:
        head = (
            "POST /gateway.v1.GatewayService/Chat HTTP/1.1\r\nhost: x\r\n"
            "content-type: application/json\r\ncontent-length: 4000000\r\n\r\n"
        )
        answer = await said(opened.server.port, head)
        assert answer.startswith("HTTP/1.1 401 ")
        assert opened.server.arriving_bytes == 0


async def said(port: int, head: str) -> str:
    """What the door answers to a head alone."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(head.encode())
    async with asyncio.timeout(20):
        answer = await reader.readline()
    writer.close()
    return answer.decode()


@pytest.mark.anyio
async def test_the_address_is_the_connections_over_both_doors() -> None:
    seen: list[str] = []

    def spy(method: str, metadata: CallMetadata) -> Identity:
        seen.append(metadata.peer.address())
        return check()(method, metadata)

    headers: dict[str, Any] = {"authorization": f"Bearer {GOOD}", "x-forwarded-for": "203.0.113.9"}
    async with door(identify=spy) as opened:
        await opened.call("Chat", QUESTION, **headers)
        await opened.edge.stub.Chat(QUESTION, metadata=tuple(headers.items()))
    assert seen == ["127.0.0.1", "127.0.0.1"]


@pytest.mark.anyio
async def test_health_needs_no_key() -> None:
    async with edge(identify=check()) as running:
        stub: Any = health_pb2_grpc.HealthStub(running.channel)
        assert (await stub.Check(health_pb2.HealthCheckRequest())).status == 1
