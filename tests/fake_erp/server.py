"""The fake ERP: orders, refunds, parcels and stock of `retail.json`, and one call that writes."""

import asyncio
import json
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import unquote

from aiohttp import web

DATA = Path(__file__).parent / "retail.json"


class FakeErp:
    """`async with FakeErp() as erp:` serves on loopback; README.md tells the calls."""

    def __init__(self, port: int = 0) -> None:
        data = json.loads(DATA.read_text(encoding="utf-8"))
        self.orders: dict[str, Any] = data["orders"]
        self._items = {
            item: {"name": product["name"], **variant}
            for product in data["products"].values()
            for item, variant in product["variants"].items()
        }
        self._parcels = {
            number: order
            for order in self.orders.values()
            for fulfilment in order.get("fulfillments", ())
            for number in fulfilment["tracking_id"]
        }
        self.seen: list[str] = []
        self.headers: list[dict[str, str]] = []
        self.port = port
        self._talking = asyncio.Event()
        self._talking.set()
        self._runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def __aenter__(self) -> Self:
        await self.come_up()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.go_down()

    async def come_up(self) -> None:
        """Listen, after `go_down` on the same port."""
        app = web.Application(middlewares=[self._noted])
        app.add_routes(
            [
                web.get("/orders/{id}", self._order),
                web.get("/refunds/{id}", self._refund),
                web.get("/parcels/{id}", self._parcel),
                web.get("/stock/{id}", self._stock),
                web.post("/orders/{id}/cancel", self._cancel),
            ]
        )
        self._runner = web.AppRunner(app, shutdown_timeout=0.1, handler_cancellation=True)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port, reuse_address=True)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def go_down(self) -> None:
        """Close the port and every connection, as when the process dies."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    def hang(self) -> None:
        """Accept calls and say nothing."""
        self._talking.clear()

    def resume(self) -> None:
        """Answer again, also what is waiting."""
        self._talking.set()

    @web.middleware
    async def _noted(self, request: web.Request, handler: Any) -> web.StreamResponse:
        self.seen.append(f"{request.method} {request.path}")
        self.headers.append(dict(request.headers))
        await self._talking.wait()
        answer: web.StreamResponse = await handler(request)
        return answer

    def _found(self, request: web.Request) -> dict[str, Any]:
        number = request.match_info["id"]  # customers leave the # out, too
        order = self.orders.get(number) or self.orders.get(f"#{number}")
        if order is None:
            raise web.HTTPNotFound
        found: dict[str, Any] = order
        return found

    async def _order(self, request: web.Request) -> web.Response:
        order = self._found(request)
        numbers = [n for f in order.get("fulfillments", ()) for n in f["tracking_id"]]
        return web.json_response({**order, "tracking_no": numbers})

    async def _refund(self, request: web.Request) -> web.Response:
        order = self._found(request)
        refunds = [p for p in order["payment_history"] if p["transaction_type"] == "refund"]
        if not refunds:
            raise web.HTTPNotFound
        paid = refunds[-1]
        return web.json_response(
            {
                "user_id": order["user_id"],
                "status": "refunded",
                "amount": paid["amount"],
                "method": paid["payment_method_id"].rsplit("_", 1)[0],
            }
        )

    async def _parcel(self, request: web.Request) -> web.Response:
        order = self._parcels.get(request.match_info["id"])
        if order is None:
            raise web.HTTPNotFound
        told = {key: order[key] for key in ("user_id", "order_id", "status")}
        return web.json_response(told)

    async def _stock(self, request: web.Request) -> web.Response:
        item = self._items.get(request.match_info["id"])
        if item is None:
            raise web.HTTPNotFound
        return web.json_response({"name": item["name"], "quantity": 12 if item["available"] else 0})

    async def _cancel(self, request: web.Request) -> web.Response:
        order = self._found(request)
        if order["user_id"] != unquote(request.headers.get("X-Customer-Id", "")):
            raise web.HTTPForbidden
        if order["status"] != "pending":
            raise web.HTTPConflict
        order["status"] = "cancelled"
        return web.json_response({"order_id": order["order_id"], "status": "cancelled"})
