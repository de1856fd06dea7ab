"""What any Python gRPC server must cost: an echo, and a forwarder that only asks and answers.

    python -m benchmarks.speed.bare UPSTREAM_URL     # prints its port

Chat echoes when the request is labelled `work: echo`, else it forwards by aiohttp; StreamChat
forwards every chunk as an event of its own. uvloop, orjson, one pooled session, no checks at all.
"""

import asyncio
import sys
from collections.abc import AsyncIterator, Mapping
from typing import Any

import aiohttp
import grpc
import orjson
import uvloop

from benchmarks.speed.upstream import TEXT
from gateway.v1 import chat_pb2

Request = chat_pb2.ChatRequest
Response = chat_pb2.ChatResponse
Event = chat_pb2.StreamChatResponse
JSON = {"content-type": "application/json", "authorization": "Bearer bench"}


def asked(request: Request, *, stream: bool) -> bytes:
    """The provider's request."""
    messages = [{"role": "user", "content": message.text} for message in request.messages]
    model = request.options.labels.get("model", "bench")
    body: Mapping[str, Any] = {"model": model, "messages": messages, "stream": stream}
    return orjson.dumps(body)


async def serve(upstream: str) -> None:
    async with aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0),
        json_serialize=lambda value: orjson.dumps(value).decode(),
    ) as session:

        async def chat(request: Request, _context: object) -> Response:
            if request.options.labels["work"] == "echo":
                return Response(text=TEXT)
            data = asked(request, stream=False)
            async with session.post(upstream, data=data, headers=JSON) as reply:
                body = orjson.loads(await reply.read())
            return Response(text=body["choices"][0]["message"]["content"])

        async def stream(
            request: chat_pb2.StreamChatRequest, _context: object
        ) -> AsyncIterator[Event]:
            data = asked(request.chat, stream=True)
            text = ""
            async with session.post(upstream, data=data, headers=JSON) as reply:
                async for line in reply.content:
                    if not line.startswith(b"data: {"):
                        continue
                    for choice in orjson.loads(line[6:])["choices"]:
                        piece = choice["delta"].get("content", "")
                        text += piece
                        if piece:
                            yield Event(delta=chat_pb2.StreamDelta(text=piece))
            yield Event(completed=Response(text=text))

        handlers: dict[str, grpc.RpcMethodHandler[Any, Any]] = {
            "Chat": grpc.unary_unary_rpc_method_handler(
                chat, Request.FromString, Response.SerializeToString
            ),
            "StreamChat": grpc.unary_stream_rpc_method_handler(
                stream, chat_pb2.StreamChatRequest.FromString, Event.SerializeToString
            ),
        }
        server = grpc.aio.server()
        service = grpc.method_handlers_generic_handler("gateway.v1.GatewayService", handlers)
        server.add_generic_rpc_handlers((service,))
        print(server.add_insecure_port("127.0.0.1:0"), flush=True)
        await server.start()
        await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(serve(sys.argv[1]))
