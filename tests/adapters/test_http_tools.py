"""HTTP tools against a real server: whose record it is, what is read, what failures mean."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from aiohttp import web

from gateway.adapters.http_tools import MAX_BODY_BYTES, HttpTools
from gateway.adapters.tool_request import belongs_to
from gateway.core.errors import ToolFailed, ToolNotReached, ToolRefused
from gateway.core.options import HttpMethod, Secret, Tool
from gateway.core.tools import OnBehalf
from tests.fake_erp import FakeErp

pytestmark = pytest.mark.anyio

AVA = OnBehalf("shop", "ava_moore_2033", "r-1")
HER_ORDER, ANOTHERS = "#W4817420", "#W2611340"


@pytest.fixture
async def erp() -> AsyncIterator[FakeErp]:
    async with FakeErp() as server:
        yield server


@pytest.fixture
async def tools() -> AsyncIterator[HttpTools]:
    runner = HttpTools()
    yield runner
    await runner.aclose()


def get_order(erp: FakeErp, **other: Any) -> Tool:
    options: dict[str, Any] = {
        "name": "get_order",
        "description": "",
        "url": erp.url + "/orders/{order_id}",
        "arguments": {
            "properties": {"order_id": {"type": "string", "minLength": 3}},
            "required": ["order_id"],
        },
        "fields": {"status": "status", "items": "items.name", "second": "items.1.name"},
        "owner_field": "user_id",
    }
    return Tool(**(options | other))


async def test_only_the_allowed_fields_of_an_order_are_read(erp: FakeErp, tools: HttpTools) -> None:
    found = await tools.run(get_order(erp), {"order_id": HER_ORDER}, AVA)
    assert found == {
        "status": "delivered",
        "items": ["Water Bottle", "Bookshelf", "Action Camera", "Electric Kettle", "Hiking Boots"],
        "second": "Bookshelf",
    }


async def test_another_customers_order_is_not_found(erp: FakeErp, tools: HttpTools) -> None:
    assert await tools.run(get_order(erp), {"order_id": ANOTHERS}, AVA) is None
    assert await tools.run(get_order(erp), {"order_id": "#W0000000"}, AVA) is None
    assert len(erp.seen) == 2


@pytest.mark.parametrize("owner_field", ["nobody", "items.name", "address"])
async def test_a_record_that_does_not_say_whose_it_is_is_not_found(
    erp: FakeErp, tools: HttpTools, owner_field: str
) -> None:
    tool = get_order(erp, owner_field=owner_field)
    assert await tools.run(tool, {"order_id": HER_ORDER}, AVA) is None


async def test_a_customer_without_an_id_owns_nothing(erp: FakeErp, tools: HttpTools) -> None:
    nobody = replace(AVA, customer_id="")
    assert await tools.run(get_order(erp), {"order_id": HER_ORDER}, nobody) is None


async def test_every_call_says_for_whom_it_is_and_carries_the_key(
    erp: FakeErp, tools: HttpTools
) -> None:
    who = OnBehalf("店铺", "ä b", "r-1", once="n-1")
    await tools.run(get_order(erp, api_key=Secret("k-1")), {"order_id": HER_ORDER}, who)
    sent = erp.headers[0]
    assert (sent["X-Customer-Id"], sent["X-Tenant"]) == ("%C3%A4%20b", "%E5%BA%97%E9%93%BA")
    assert (sent["Authorization"], sent["Idempotency-Key"]) == ("Bearer k-1", "n-1")
    own = get_order(erp, api_key=Secret("k-1"), api_key_header="X-Key", public=True)
    await tools.run(own, {"order_id": HER_ORDER}, who)
    assert erp.headers[1]["X-Key"] == "k-1"
    assert not {"Authorization", "X-Customer-Id"} & set(erp.headers[1])


@pytest.mark.parametrize(
    "order", ["2026/11/1", "a?user=1", "a#b", "%2e%2e", "a\r\nX-Evil: 1", "中文"]
)
async def test_no_argument_leads_to_another_address(
    erp: FakeErp, tools: HttpTools, order: str
) -> None:
    erp.orders[order] = {"user_id": AVA.customer_id, "status": "pending", "items": []}
    assert await tools.run(get_order(erp), {"order_id": order}, AVA) == {"status": "pending"}
    assert "X-Evil" not in erp.headers[0]


@pytest.mark.parametrize("order", ["", ".", "..", "../refunds/x", "a/../../x", "a/..", "..\\x"])
async def test_a_step_up_is_refused_before_anything_is_sent(
    erp: FakeErp, tools: HttpTools, order: str
) -> None:
    with pytest.raises(ToolRefused):
        await tools.run(get_order(erp), {"order_id": order}, AVA)
    assert erp.seen == []


async def test_a_dead_system_is_told_apart_and_used_again_once_it_is_back(
    erp: FakeErp, tools: HttpTools
) -> None:
    tool, order = get_order(erp), {"order_id": HER_ORDER}
    assert await tools.run(tool, order, AVA)
    await erp.go_down()
    with pytest.raises(ToolNotReached):
        await tools.run(tool, order, AVA)
    await erp.come_up()
    assert await tools.run(tool, order, AVA)


async def test_what_a_write_says_decides_whether_it_happened(
    erp: FakeErp, tools: HttpTools
) -> None:
    cancel = get_order(
        erp,
        url=erp.url + "/orders/{order_id}/cancel",
        method=HttpMethod.POST,
        writes=True,
        owner_field="",
    )
    pending = next(o for o in erp.orders.values() if o["status"] == "pending")
    owner, order = replace(AVA, customer_id=pending["user_id"]), {"order_id": pending["order_id"]}
    with pytest.raises(ToolRefused):
        await tools.run(cancel, order, replace(AVA, customer_id="somebody"))
    assert await tools.run(cancel, order, owner) == {"status": "cancelled"}
    with pytest.raises(ToolRefused):
        await tools.run(cancel, order, owner)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({}, "'order_id' is a required property"),
        ({"order_id": 7}, "order_id: 7 is not of type 'string'"),
        ({"order_id": "x"}, "order_id: 'x' is too short"),
        ({"order_id": "abc", "colour": "red"}, "Additional properties are not allowed"),
    ],
)
async def test_arguments_are_held_against_the_schema(
    erp: FakeErp, tools: HttpTools, arguments: dict[str, Any], said: str
) -> None:
    assert said in tools.refusal(get_order(erp), arguments)
    assert tools.refusal(get_order(erp), {"order_id": HER_ORDER}) == ""


async def test_no_schema_lets_a_model_say_who_the_customer_is(
    erp: FakeErp, tools: HttpTools
) -> None:
    open_one = get_order(erp, arguments={"additionalProperties": True})
    assert "'customer_id' is no argument" in tools.refusal(open_one, {"customer_id": "C2"})
    assert "'tenant' is no argument" in tools.refusal(open_one, {"tenant": "other"})
    assert tools.refusal(open_one, {"note": "x"}) == ""


ORDERS = [{"no": "1", "of": {"id": "C1"}}]


@pytest.mark.parametrize(
    ("another", "whose"),
    [({"id": "C1"}, True), ({"id": "C2"}, False), ({"id": None}, False), ({}, False)],
)
async def test_of_a_list_every_record_must_say_whose_it_is(
    another: dict[str, str | None], whose: bool
) -> None:
    tool = Tool(name="t", description="", url="", owner_field="orders.of.id")
    filler = ORDERS * 30
    result = {"orders": [*filler, {"no": "2", "of": another}]}
    assert belongs_to(tool, result, replace(AVA, customer_id="C1")) is whose


ODD = {
    "huge": lambda: web.Response(body=b"x" * (MAX_BODY_BYTES + 1)),
    "page": lambda: web.Response(text="<html>", content_type="text/html"),
    "list": lambda: web.json_response([1]),
    "moved": lambda: web.Response(status=302, headers={"Location": "/good"}),
    "broken": lambda: web.Response(status=500),
}


@pytest.mark.parametrize("what", ODD)
async def test_an_odd_reply_is_a_failure_of_the_tool(tools: HttpTools, what: str) -> None:
    seen: list[str] = []

    async def answer(request: web.Request) -> web.Response:
        seen.append(request.path)
        return ODD[request.path.strip("/")]()

    app = web.Application()
    app.router.add_route("*", "/{what}", answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/{what}"
    try:
        with pytest.raises(ToolFailed):
            await tools.run(Tool(name="t", description="", url=url, public=True), {}, AVA)
    finally:
        await runner.cleanup()
    assert seen == [f"/{what}"]
