"""A small Connect client over real sockets, and an edge with both doors open."""

import json
from base64 import b64decode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from io import BytesIO
from struct import unpack_from
from typing import Any

from aiohttp import ClientResponse, ClientSession
from google.protobuf import json_format
from google.protobuf.message import Message

from gateway.api.connect_protocol import END_STREAM, envelope
from gateway.api.gate import Gate
from gateway.api.http_options import HttpOptions
from gateway.api.http_server import HttpServer
from gateway.v1 import anomaly_pb2, chat_pb2, keywords_pb2
from tests.api.conftest import Running, edge

LOCAL_HTTP = HttpOptions(address="127.0.0.1:0")
SERVICE = "/gateway.v1.GatewayService/"
RESPONSES: dict[str, Any] = {
    "Chat": chat_pb2.ChatResponse,
    "StreamChat": chat_pb2.StreamChatResponse,
    "ExtractKeywords": keywords_pb2.ExtractKeywordsResponse,
    "DetectAnomaly": anomaly_pb2.DetectAnomalyResponse,
}


class HttpFailed(Exception):
    """A failed call: the HTTP status, the error's JSON, the headers."""

    def __init__(self, http_status: int, error: dict[str, Any], headers: Any) -> None:
        super().__init__(f"{http_status} {error}")
        self.http_status, self.error, self.headers = http_status, error, headers

    def detail(self, kind: Any) -> Any:
        """The one detail of a kind, from its base64."""
        name = kind.DESCRIPTOR.full_name
        (found,) = [each for each in self.error["details"] if each["type"] == name]
        value: str = found["value"]
        assert "=" not in value
        message = kind.FromString(b64decode(value + "=" * (-len(value) % 4)))
        assert json_format.MessageToDict(message) == found["debug"]
        return message


@dataclass
class Door:
    """Both doors before one service, and a session to the HTTP one."""

    edge: Running
    server: HttpServer
    session: ClientSession

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.server.port}"

    async def call(
        self, method: str, request: Message, *, is_json: bool = False, **headers: str
    ) -> Any:
        """A unary call; raises HttpFailed."""
        body, kind = encoded(request, is_json=is_json), "json" if is_json else "proto"
        sent = {"Content-Type": f"application/{kind}", **told(headers)}
        async with self.session.post(
            self.base + SERVICE + method, data=BytesIO(body), headers=sent
        ) as got:
            data = await got.read()
            if got.status != 200:
                raise HttpFailed(got.status, json.loads(data), got.headers)
            assert got.headers["Content-Type"] == sent["Content-Type"]
            return decoded(RESPONSES[method], data, is_json=is_json)

    async def stream(
        self, request: Message, *, is_json: bool = False, **headers: str
    ) -> AsyncIterator[Any]:
        """The messages of a StreamChat call; raises HttpFailed at its end if it failed."""
        kind = "json" if is_json else "proto"
        body = envelope(encoded(request, is_json=is_json))
        sent = {"Content-Type": f"application/connect+{kind}", **told(headers)}
        async with self.session.post(
            f"{self.base}{SERVICE}StreamChat", data=body, headers=sent
        ) as got:
            if got.status != 200:
                raise HttpFailed(got.status, json.loads(await got.read()), got.headers)
            async for flags, payload in envelopes(got):
                if flags == END_STREAM:
                    end = json.loads(payload)
                    assert await got.content.read() == b""
                    assert end["metadata"]["x-request-id"] == [got.headers["x-request-id"]]
                    if "error" in end:
                        raise HttpFailed(got.status, end["error"], got.headers)
                    return
                yield decoded(RESPONSES["StreamChat"], payload, is_json=is_json)
        raise AssertionError("the stream ended without its last envelope")


def told(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


def encoded(message: Message, *, is_json: bool) -> bytes:
    return json_format.MessageToJson(message).encode() if is_json else message.SerializeToString()


def decoded(kind: Any, data: bytes, *, is_json: bool) -> Any:
    return json_format.Parse(data, kind()) if is_json else kind.FromString(data)


async def envelopes(response: ClientResponse) -> AsyncIterator[tuple[int, bytes]]:
    while not response.content.at_eof():
        flags, length = unpack_from(">BI", await response.content.readexactly(5))
        yield flags, await response.content.readexactly(length)


@asynccontextmanager
async def door(
    options: HttpOptions = LOCAL_HTTP, gate: Gate | None = None, **changes: Any
) -> AsyncIterator[Door]:
    """Open both doors; `changes` replace fields of the Backing."""
    async with edge(gate=gate, **changes) as running:
        server = HttpServer(running.service, running.gate, replace(options))
        await server.start()
        async with ClientSession() as session:
            yield Door(running, server, session)
        await server.drain(0.1)
