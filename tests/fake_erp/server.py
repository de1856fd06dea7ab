"""The fake ERP: orders, refunds, parcels and stock of `retail.json`, and one call that writes."""

import asyncio
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self
from urllib.parse import unquote

from aiohttp import web

from tests.fake_erp.records import NotAllowed, NotNow, NotThere, Records


class FakeErp:
    """`async with FakeErp() as erp:` serves on loopback; README.md tells the calls."""

    def __init__(self, port: int = 0) -> None:
        self.records = Records()
        self.seen: list[str] = []
        self.headers: list[dict[str, str]] = []
        self.port = port
        self._talking = asyncio.Event()
        self._talking.set()
        self._runner: web.AppRunner | None = None

    @property
    def orders(self) -> dict[str, Any]:
        return self.records.orders

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

    async def _order(self, request: web.Request) -> web.Response:
        return _answered(self.records.order, request.match_info["id"])

    async def _refund(self, request: web.Request) -> web.Response:
        return _answered(self.records.refund, request.match_info["id"])

    async def _parcel(self, request: web.Request) -> web.Response:
        return _answered(self.records.parcel, request.match_info["id"])

    async def _stock(self, request: web.Request) -> web.Response:
        return _answered(self.records.stock, request.match_info["id"])

    async def _cancel(self, request: web.Request) -> web.Response:
        customer = unquote(request.headers.get("X-Customer-Id", ""))
        return _answered(self.records.cancel, request.match_info["id"], customer)


def _answered(look_up: Callable[..., dict[str, Any]], *arguments: str) -> web.Response:
    try:
        return web.json_response(look_up(*arguments))
    except NotThere:
        raise web.HTTPNotFound from None
    except NotAllowed:
        raise web.HTTPForbidden from None
    except NotNow:
        raise web.HTTPConflict from None
